#include "apiserver/request/resource_path.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"

namespace kthena::apiserver {

namespace {

/// Takes the next segment off; nothing at the end, and for what cannot be decoded.
class Segments {
 public:
  explicit Segments(std::string_view path) {
    for (const std::string_view part : split(path, '/')) {
      if (part.empty()) {
        continue;  // doubled and trailing slashes
      }
      auto decoded = percent_decode(part);
      parts_.push_back(decoded ? *std::move(decoded) : std::string(part));
    }
  }

  std::string take() { return at_ < parts_.size() ? std::move(parts_[at_++]) : std::string(); }
  std::size_t left() const { return parts_.size() - at_; }
  std::string_view peek() const { return at_ < parts_.size() ? parts_[at_] : std::string_view{}; }
  std::string_view peek(std::size_t ahead) const {
    return at_ + ahead < parts_.size() ? parts_[at_ + ahead] : std::string_view{};
  }
  std::string rest() {
    std::string text;
    while (left() > 0) {
      text += (text.empty() ? "" : "/") + take();
    }
    return text;
  }

 private:
  std::vector<std::string> parts_;
  std::size_t at_ = 0;
};

bool is_namespace_subresource(std::string_view name) {
  return name == "status" || name == "finalize";
}

}  // namespace

std::optional<ResourcePath> parse_resource_path(std::string_view path) {
  Segments segments(path);
  const std::string root = segments.take();
  if (root != "api" && root != "apis") {
    return std::nullopt;
  }
  ResourcePath found;
  if (root == "apis") {
    found.group = segments.take();
  }
  found.version = segments.take();
  if (segments.peek() == "watch" && segments.left() > 1) {
    segments.take();
    found.watches = true;
  }
  // `/namespaces/a/pods` are the pods of a namespace, `/namespaces/a/status` is a part of one.
  if (segments.peek() == "namespaces" && segments.left() > 2 &&
      !is_namespace_subresource(segments.peek(2))) {
    segments.take();
    found.namespace_name = segments.take();
  }
  found.plural = segments.take();
  if (found.plural.empty()) {
    return std::nullopt;
  }
  found.name = segments.take();
  found.subresource = segments.rest();
  return found;
}

Query::Query(std::string_view text) {
  for (const std::string_view part : split(text, '&')) {
    if (part.empty()) {
      continue;
    }
    const std::size_t equals = part.find('=');
    const auto decoded = [](std::string_view coded) {
      auto plain = percent_decode(coded, PlusIsBlank::Yes);
      return plain ? *std::move(plain) : std::string(coded);
    };
    pairs_.push_back({.name = decoded(part.substr(0, equals)),
                      .value = equals == std::string_view::npos
                                   ? std::string()
                                   : decoded(part.substr(equals + 1))});
  }
}

std::optional<std::string_view> Query::find(std::string_view name) const {
  const auto found = std::ranges::find(pairs_, name, &Pair::name);
  return found == pairs_.end() ? std::nullopt : std::optional<std::string_view>(found->value);
}

std::vector<std::string_view> Query::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Pair& pair : pairs_) {
    if (pair.name == name) {
      values.emplace_back(pair.value);
    }
  }
  return values;
}

}  // namespace kthena::apiserver
