#include "apiserver/table/custom_columns.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/kinds/kind.h"
#include "apiserver/patch/go_text.h"
#include "base/rfc3339.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Value;

Value integer_cell(const Value& value) {
  if (const auto whole = value.to_int64()) {
    return *whole;
  }
  constexpr double kTooLarge = 9.2e18;
  const double number = value.as_double();
  return std::abs(number) < kTooLarge ? Value(static_cast<std::int64_t>(number)) : Value();
}

Value date_cell(const Subject& subject, const Value& value) {
  if (value.as_string().empty()) {
    return "<unknown>";
  }
  return parse_rfc3339(value.as_string()) ? Value(subject.since(&value)) : Value("<invalid>");
}

/// Null if the value is not of the column's type.
Value cell(const Subject& subject, std::string_view type, const Value& value) {
  if (value.is_null()) {
    return {};
  }
  if (type == "string") {
    return value.is_object() || value.is_array() ? go_json(value)
                                                 : go_text(value, GoNumbers::Exact);
  }
  if (type == "integer") {
    return value.is_number() ? integer_cell(value) : Value();
  }
  if (type == "number") {
    return value.is_number() ? value : Value();
  }
  if (type == "boolean") {
    return value.is_bool() ? value : Value();
  }
  return type == "date" && value.is_string() ? date_cell(subject, value) : Value();
}

}  // namespace

CustomColumns::CustomColumns(const Kind& kind) : columns_(kind.columns) {
  if (columns_.empty()) {
    columns_.push_back({.name = "Age",
                        .type = "date",
                        .description = std::string(kAgeColumn.description),
                        .json_path = ".metadata.creationTimestamp"});
  }
  for (const CustomColumn& column : columns_) {
    auto path = JsonPath::parse(column.json_path);
    paths_.push_back(path ? std::optional(*std::move(path)) : std::nullopt);
  }
}

void CustomColumns::add_cells(const Subject& subject, json::Array& cells) const {
  cells.emplace_back(subject.name());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto found = paths_[i] ? paths_[i]->find(subject.object()) : std::vector<const Value*>{};
    cells.push_back(found.empty() ? Value() : cell(subject, columns_[i].type, *found.front()));
  }
}

}  // namespace kthena::apiserver
