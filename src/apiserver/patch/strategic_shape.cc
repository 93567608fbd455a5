#include "apiserver/patch/strategic_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "apiserver/patch/go_text.h"
#include "apiserver/patch/strategic_list.h"
#include "base/result.h"
#include "json/problem.h"

namespace kthena::apiserver::strategic {

using kube::shapes::Container;
using kube::shapes::Field;

Answer<const Field*> find_field(const Shape& shape, std::string_view name) {
  if (shape.type == nullptr) {
    return untranslated(fmt::format(
        "merging an object in json but data type is not struct, instead is: {}", shape.go_kind));
  }
  const Field* field = shape.type->find_field(name);
  if (field == nullptr) {
    const std::string_view full = shape.type->full_name;
    return untranslated(fmt::format("unable to find api field in struct {} for the json field {}",
                                    full.substr(full.rfind('.') + 1), json::quoted(name)));
  }
  return field;
}

Merge merge_of(const Field& field) {
  Merge merge{.members = {.type = field.object}, .key = field.patch_key};
  if (field.kind == kube::shapes::ValueKind::String && field.container == Container::List) {
    merge.members.go_kind = "string";
  }
  if (field.container == Container::Map) {
    merge.members.type = nullptr;
  }
  std::string_view rest = field.patch_strategy;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    merge.replaces |= rest.substr(0, comma) == "replace";
    merge.merges |= rest.substr(0, comma) == "merge";
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return merge;
}

Answer<Merge> merge_of_list(const Shape& shape, std::string_view name) {
  const Field* field = TRY(find_field(shape, name));
  if (field->container != Container::List) {
    return untranslated("expected slice or array type, but got: struct");
  }
  return merge_of(*field);
}

std::unexpected<kube::Status> unknown_directive(const json::Value& directive,
                                                const json::Value& holder) {
  const std::string text = go_text(directive, GoNumbers::Exact);
  return untranslated(fmt::format(
      "unknown patch type: {} in map: {}",
      directive.is_string() ? text : fmt::format("%!s({}={})", go_type(directive), text),
      go_text(holder, GoNumbers::Exact)));
}

}  // namespace kthena::apiserver::strategic
