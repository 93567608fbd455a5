// A JSON path of a printer column, then an object: whatever is shown, as whatever kind, is a table
// with a cell for each column.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/discovery/accept.h"
#include "apiserver/kinds/catalog.h"
#include "apiserver/table/json_path.h"
#include "apiserver/table/table.h"
#include "base/check.h"
#include "json/parse.h"
#include "json/value.h"

namespace {

using namespace kthena;
using namespace kthena::apiserver;

void check_table(const Kind& kind, TableOf of, std::string_view object) {
  const std::string_view objects[] = {object};
  const std::string text =
      table_text(kind, of, objects, {.resource_version = "1"}, {}, WallTime{Duration{1}});
  const auto table = json::parse(text, {.max_depth = 1024,
                                        .max_bytes = 64UL << 20,
                                        .duplicate_keys = json::DuplicateKeys::LastWins});
  CHECK(table.has_value());
  const json::Array& rows = table->find("rows")->as_array();
  CHECK_EQ(rows.size(), 1U);
  CHECK_EQ(rows[0].find("cells")->as_array().size(),
           table->find("columnDefinitions")->as_array().size());
}

void check_accept(std::string_view header) {
  double last = 2;
  for (const MediaRange& range : parse_accept(header)) {
    CHECK(!range.type.empty() && !range.subtype.empty());
    CHECK(!(range.quality > last));
    last = range.quality;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view first = input.substr(0, input.find('\n'));
  const std::string_view object = input.substr(std::min(first.size() + 1, input.size()));
  check_accept(first);
  const auto value = json::parse(object);
  if (!value || !value->is_object()) {
    return 0;
  }
  if (const auto path = JsonPath::parse(first)) {
    path->find(*value);
  }
  Kind custom{.group = "example.com", .version = "v1", .kind = "Foo"};
  custom.origin = Origin::Custom;
  for (const std::string_view type : {"string", "integer", "number", "boolean", "date"}) {
    custom.columns.push_back(
        {.name = std::string(type), .type = std::string(type), .json_path = std::string(first)});
  }
  check_table(custom, TableOf::Objects, object);
  check_table(custom, TableOf::Scales, object);
  for (const KindPtr& kind : built_in_kinds()) {
    check_table(*kind, TableOf::Objects, object);
  }
  return 0;
}
