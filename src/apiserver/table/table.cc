#include "apiserver/table/table.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "apiserver/kinds/kind.h"
#include "apiserver/patch/failure.h"
#include "apiserver/table/custom_columns.h"
#include "apiserver/table/printer.h"
#include "base/clock.h"
#include "json/on_demand.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::Object;
using json::Value;

/// The rest of `"metadata":` of a list.
std::string list_metadata(const ListInfo& list) {
  Object metadata{{"resourceVersion", list.resource_version}};
  if (!list.continue_token.empty()) {
    metadata.append_new("continue", list.continue_token);
  }
  if (list.remaining) {
    metadata.append_new("remainingItemCount", *list.remaining);
  }
  return json::print(metadata);
}

/// `{"kind":…,"apiVersion":…`, not closed.
std::string beginning(std::string_view kind, std::string_view api_version) {
  return fmt::format(R"({{"kind":{},"apiVersion":{})", json::quote(kind), json::quote(api_version));
}

Value column_value(std::string_view name, std::string_view type, std::string_view format,
                   std::string_view description, std::int32_t priority) {
  return Object{{"name", name},
                {"type", type},
                {"format", format},
                {"description", description},
                {"priority", priority}};
}

/// Kinds that have no columns of their own.
constexpr Column kPlainColumns[] = {
    kNameColumn,
    {.name = "Created At", .description = "When it was created", .type = "date"},
};

void plain_cells(const Subject& subject, json::Array& cells) {
  cells.emplace_back(subject.name());
  cells.emplace_back(subject.text_or({"metadata", "creationTimestamp"}, "0001-01-01T00:00:00Z"));
}

constexpr Printer kPlainPrinter{.columns = kPlainColumns, .cells = plain_cells};

}  // namespace

/// How a table is made: by one of the printers, or as a definition says.
class TableWriter::Form {
 public:
  Form(const Kind& kind, TableOf of) {
    if (of == TableOf::Scales) {
      printer_ = find_printer("autoscaling", "Scale");
    } else if (kind.is_custom()) {
      custom_.emplace(kind);
    } else {
      printer_ = find_printer(kind.group, kind.kind);
    }
    if (printer_ == nullptr && !custom_) {
      printer_ = &kPlainPrinter;
      empty_rows_ = "null";  // as kube-apiserver writes it of these
    }
    is_pod_ = kind.group.empty() && kind.kind == "Pod" && of == TableOf::Objects;
  }

  std::string_view empty_rows() const { return empty_rows_; }

  Value columns() const {
    json::Array columns;
    if (custom_) {
      columns.push_back(column_value(kNameColumn.name, kNameColumn.type, kNameColumn.format,
                                     kNameColumn.description, kNameColumn.priority));
      for (const CustomColumn& column : custom_->columns()) {
        columns.push_back(column_value(
            column.name, column.type, column.format,
            column.description.empty()
                ? fmt::format("Custom resource definition column (in JSONPath format): {}",
                              column.json_path)
                : column.description,
            column.priority));
      }
      return columns;
    }
    for (const Column& column : printer_->columns) {
      columns.push_back(column_value(column.name, column.type, column.format, column.description,
                                     column.priority));
    }
    return columns;
  }

  Value cells(const Subject& subject) const {
    json::Array cells;
    if (custom_) {
      custom_->add_cells(subject, cells);
    } else {
      cells.reserve(printer_->columns.size());
      printer_->cells(subject, cells);
    }
    return cells;
  }

  /// What kubectl knows a pod that has ended by. Empty if there is nothing to say.
  std::string_view conditions(const Subject& subject) const {
    if (!is_pod_) {
      return {};
    }
    const std::string phase = subject.text({"status", "phase"});
    if (phase == "Succeeded") {
      return R"([{"type":"Completed","status":"True","reason":"Succeeded",)"
             R"("message":"The pod has completed successfully."}])";
    }
    if (phase == "Failed") {
      return R"([{"type":"Completed","status":"True","reason":"Failed",)"
             R"("message":"The pod failed."}])";
    }
    return {};
  }

 private:
  const Printer* printer_ = nullptr;
  std::optional<CustomColumns> custom_;
  std::string_view empty_rows_ = "[]";
  bool is_pod_ = false;
};

Answer<IncludeObject> parse_include_object(std::string_view text) {
  if (text.empty() || text == "Metadata") {
    return IncludeObject::Metadata;
  }
  if (text == "None") {
    return IncludeObject::None;
  }
  if (text == "Object") {
    return IncludeObject::Object;
  }
  return bad_request(
      fmt::format("Unable to convert to Table as requested: includeObject: Invalid value: {}: must "
                  "be 'Metadata', 'Object', 'None', or empty",
                  json::quoted(text)));
}

TableWriter::TableWriter(const Kind& kind, TableOf of, const TableOptions& options)
    : form_(std::make_unique<const Form>(kind, of)), options_(options) {}
TableWriter::~TableWriter() = default;
TableWriter::TableWriter(TableWriter&&) noexcept = default;
TableWriter& TableWriter::operator=(TableWriter&&) noexcept = default;

std::string TableWriter::head(const ListInfo& list) const {
  return fmt::format(R"({},"metadata":{},"columnDefinitions":{},"rows":[)",
                     beginning("Table", options_.api_version), list_metadata(list),
                     options_.columns ? json::print(form_->columns()) : "null");
}

std::string TableWriter::empty(const ListInfo& list) const {
  std::string text = head(list);
  text.pop_back();
  text += form_->empty_rows();
  text += '}';
  return text;
}

void TableWriter::append_row(std::string& out, std::string_view object, WallTime now) const {
  const auto read = json::parse(object);
  const Value value = read ? *read : Value(Object{});
  const Subject subject(value, now);
  out += R"({"cells":)";
  out += json::print(form_->cells(subject));
  if (const std::string_view conditions = form_->conditions(subject); !conditions.empty()) {
    out += R"(,"conditions":)";
    out += conditions;
  }
  out += R"(,"object":)";
  switch (options_.include) {
    case IncludeObject::None:
      out += "null";
      break;
    case IncludeObject::Metadata:
      out += partial_text(object, options_.api_version);
      break;
    case IncludeObject::Object:
      out += object;
      break;
  }
  out += '}';
}

std::string table_text(const Kind& kind, TableOf of, std::span<const std::string_view> objects,
                       const ListInfo& list, const TableOptions& options, WallTime now) {
  const TableWriter writer(kind, of, options);
  if (objects.empty()) {
    return writer.empty(list);
  }
  std::string text = writer.head(list);
  for (const std::string_view object : objects) {
    writer.append_row(text, object, now);
    text += ',';
  }
  text.back() = ']';
  text += '}';
  return text;
}

std::string partial_text(std::string_view object, std::string_view api_version) {
  constexpr std::array<std::string_view, 1> kNames{"metadata"};
  std::array<json::RawField, 1> fields;
  const auto scanned = json::scan_object(object, kNames, fields);
  const bool found = scanned && fields[0].present();
  return fmt::format(R"({},"metadata":{}}})", beginning("PartialObjectMetadata", api_version),
                     found ? fields[0].in(object) : "{}");
}

std::string partial_list_text(std::span<const std::string_view> objects, const ListInfo& list,
                              std::string_view api_version) {
  std::string text = beginning("PartialObjectMetadataList", api_version);
  text += R"(,"metadata":)" + list_metadata(list);
  text += R"(,"items":)";
  char separator = '[';
  for (const std::string_view object : objects) {
    text += separator;
    text += partial_text(object, api_version);
    separator = ',';
  }
  text += objects.empty() ? "null}" : "]}";
  return text;
}

}  // namespace kthena::apiserver
