#include "apiserver/patch/json_patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/patch/failure.h"
#include "apiserver/patch/go_text.h"
#include "base/result.h"
#include "json/print.h"
#include "json/value.h"
#include "kube/meta/status.h"

namespace kthena::apiserver {

namespace {

constexpr std::size_t kMaxDepth = 1'000;
/// Members and items looked at or moved. A patch and a document within the server's limits can
/// still ask for 10^10.
constexpr std::size_t kMaxWork = 200'000'000;

/// Why an operation does not apply; nobody is told, see unprocessable().
struct DoesNotApply {};
template <class T>
using Step = std::expected<T, DoesNotApply>;
constexpr std::unexpected<DoesNotApply> kDoesNotApply{DoesNotApply{}};

std::size_t depth_of(const json::Value& value) {
  std::size_t deepest = 0;
  if (value.is_object()) {
    for (const json::Member& member : value.as_object()) {
      deepest = std::max(deepest, depth_of(member.value));
    }
  } else if (value.is_array()) {
    for (const json::Value& item : value.as_array()) {
      deepest = std::max(deepest, depth_of(item));
    }
  } else {
    return 0;
  }
  return deepest + 1;
}

/// "~1" is a slash, "~0" a tilde; any other tilde stays.
std::string unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1')) {
      out += token[++i] == '0' ? '~' : '/';
    } else {
      out += token[i];
    }
  }
  return out;
}

/// As strconv.Atoi: a sign and leading zeros are fine.
std::optional<std::int64_t> read_index(std::string_view token) {
  if (token.starts_with('+')) {
    token.remove_prefix(1);
    if (token.starts_with('-')) {
      return std::nullopt;
    }
  }
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size()) {
    return std::nullopt;
  }
  return index;
}

/// The index that `token` means in a list of that size.
Step<std::size_t> index_in(std::string_view token, std::size_t size) {
  const auto index = read_index(token);
  const auto signed_size = static_cast<std::int64_t>(size);
  if (!index || *index >= signed_size || *index < -signed_size) {
    return kDoesNotApply;
  }
  return static_cast<std::size_t>(*index < 0 ? *index + signed_size : *index);
}

/// Where an operation takes place: an object or an array, and the name or index in it.
struct Place {
  json::Value* container;
  std::string key;
  std::size_t depth;
};

class Patcher {
 public:
  explicit Patcher(json::Value& document) : document_(document) {}

  Step<void> apply(const json::Value& operation) {
    const json::Value* kind = operation.find("op");
    if (kind == nullptr || !kind->is_string()) {
      return kDoesNotApply;
    }
    const std::string& name = kind->as_string();
    if (name == "add") {
      return add(TRY(place(operation, "path")), value_of(operation));
    }
    if (name == "remove") {
      TRY(take(TRY(place(operation, "path"))));
      return {};
    }
    if (name == "replace") {
      return replace(operation);
    }
    if (name == "move") {
      json::Value value = TRY(take(TRY(place(operation, "from"))));
      const Place to = TRY(place(operation, "path"));
      TRY(check_depth(to, value));
      return add(to, std::move(value));
    }
    if (name == "copy") {
      return copy(operation);
    }
    return name == "test" ? test(operation) : kDoesNotApply;
  }

 private:
  Step<void> spend(std::size_t work) {
    work_ += work;
    return work_ > kMaxWork ? Step<void>(kDoesNotApply) : Step<void>();
  }

  static Step<std::string_view> text(const json::Value& operation, std::string_view name) {
    const json::Value* value = operation.find(name);
    if (value == nullptr || !value->is_string()) {
      return kDoesNotApply;
    }
    return std::string_view(value->as_string());
  }

  /// A value that is missing counts as null.
  static json::Value value_of(const json::Value& operation) {
    const json::Value* value = operation.find("value");
    return value == nullptr ? json::Value() : *value;
  }

  Step<Place> place(const json::Value& operation, std::string_view name) {
    std::string_view path = TRY(text(operation, name));
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos) {
      return kDoesNotApply;
    }
    path.remove_prefix(slash + 1);
    Place place{.container = &document_, .key = {}, .depth = 1};
    for (std::size_t end = path.find('/'); end != std::string_view::npos; end = path.find('/')) {
      place.container = TRY(find(*place.container, unescape(path.substr(0, end))));
      if (place.container == nullptr || ++place.depth > kMaxDepth) {
        return kDoesNotApply;
      }
      path.remove_prefix(end + 1);
    }
    if (!place.container->is_object() && !place.container->is_array()) {
      return kDoesNotApply;
    }
    place.key = unescape(path);
    return place;
  }

  /// Null if an object does not have it. Does not apply if there is no such index, or if this is
  /// neither an object nor an array.
  Step<json::Value*> find(json::Value& container, std::string_view key) {
    if (container.is_array()) {
      return &container.as_array()[TRY(index_in(key, container.as_array().size()))];
    }
    if (!container.is_object()) {
      return kDoesNotApply;
    }
    TRY(spend(container.as_object().size()));
    return container.as_object().find(key);
  }

  Step<void> add(const Place& to, json::Value value) {
    if (to.container->is_object()) {
      TRY(spend(to.container->as_object().size()));
      to.container->set(to.key, std::move(value));
      return {};
    }
    json::Array& items = to.container->as_array();
    if (to.key == "-") {
      items.push_back(std::move(value));
      return {};
    }
    const std::size_t index = TRY(index_in(to.key, items.size() + 1));
    TRY(spend(items.size() - index));
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
    return {};
  }

  Step<json::Value> take(const Place& from) {
    json::Value* found = TRY(find(*from.container, from.key));
    if (found == nullptr) {
      return kDoesNotApply;
    }
    json::Value value = std::move(*found);
    if (from.container->is_object()) {
      TRY(spend(from.container->as_object().size()));
      from.container->erase(from.key);
      return value;
    }
    json::Array& items = from.container->as_array();
    const auto index = found - items.data();
    TRY(spend(items.size() - static_cast<std::size_t>(index)));
    items.erase(items.begin() + index);
    return value;
  }

  Step<void> replace(const json::Value& operation) {
    if (TRY(text(operation, "path")).empty()) {
      const json::Value* value = operation.find("value");
      if (value == nullptr) {
        return kDoesNotApply;
      }
      if (value->is_object() || value->is_array()) {
        document_ = *value;
      }
      return {};
    }
    const Place at = TRY(place(operation, "path"));
    json::Value* found = TRY(find(*at.container, at.key));
    if (found == nullptr) {
      at.container->set(at.key, value_of(operation));
    } else {
      *found = value_of(operation);
    }
    return {};
  }

  Step<void> copy(const json::Value& operation) {
    const Place from = TRY(place(operation, "from"));
    const json::Value* found = TRY(find(*from.container, from.key));
    json::Value value = found == nullptr ? json::Value() : *found;
    copied_ += found == nullptr ? 0 : json::print(value).size();
    if (copied_ > kMaxPatchCopyBytes) {
      return kDoesNotApply;
    }
    const Place to = TRY(place(operation, "path"));
    TRY(check_depth(to, value));
    return add(to, std::move(value));
  }

  /// Moved or copied into itself often enough, a value would nest without limit.
  Step<void> check_depth(const Place& to, const json::Value& value) {
    const std::size_t depth = depth_of(value);
    TRY(spend(depth));
    return to.depth + depth > kMaxDepth ? Step<void>(kDoesNotApply) : Step<void>();
  }

  Step<void> test(const json::Value& operation) {
    const json::Value* wanted = operation.find("value");
    if (wanted == nullptr) {
      return kDoesNotApply;
    }
    if (TRY(text(operation, "path")).empty()) {
      return *wanted == document_ ? Step<void>() : kDoesNotApply;
    }
    const Place at = TRY(place(operation, "path"));
    const json::Value* found = TRY(find(*at.container, at.key));
    const bool equal = found == nullptr ? wanted->is_null() : *found == *wanted;
    return equal ? Step<void>() : kDoesNotApply;
  }

  json::Value& document_;
  std::size_t copied_ = 0;
  std::size_t work_ = 0;
};

/// Op, path and from are texts where they are there.
Answer<void> check_operation(const json::Value& operation) {
  if (operation.is_null()) {
    return {};  // reads as one without members
  }
  if (!operation.is_object()) {
    return bad_request(
        fmt::format("error decoding patch: json: cannot unmarshal {} into Go value of type "
                    "handlers.jsonPatchOp",
                    go_json_type(operation)));
  }
  for (const auto& [key, value] : operation.as_object()) {
    if ((key == "op" || key == "path" || key == "from") && !value.is_string() && !value.is_null()) {
      return bad_request(
          fmt::format("error decoding patch: json: cannot unmarshal {} into Go struct "
                      "field jsonPatchOp.{} of type string",
                      go_json_type(value), key));
    }
  }
  return {};
}

Answer<void> check_patch(const json::Value& patch) {
  if (!patch.is_array()) {
    return bad_request(
        fmt::format("error decoding patch: json: cannot unmarshal {} into Go value of "
                    "type []handlers.jsonPatchOp",
                    go_json_type(patch)));
  }
  for (const json::Value& operation : patch.as_array()) {
    TRY(check_operation(operation));
  }
  if (patch.as_array().size() > kMaxPatchOperations) {
    return too_large(fmt::format("The allowed maximum operations in a JSON patch is {}, got {}",
                                 kMaxPatchOperations, patch.as_array().size()));
  }
  return {};
}

}  // namespace

Answer<json::Value> apply_json_patch(json::Value document, const json::Value& patch) {
  if (patch.is_null()) {
    return document;
  }
  TRY(check_patch(patch));
  Patcher patcher(document);
  for (const json::Value& operation : patch.as_array()) {
    if (!patcher.apply(operation)) {
      return unprocessable();
    }
  }
  return document;
}

}  // namespace kthena::apiserver
