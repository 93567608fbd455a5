#include "apiserver/discovery/accept.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/strings.h"

namespace kthena::apiserver {

namespace {

constexpr std::size_t kMaxRanges = 64;

/// Takes what stands before `separator` off the front; all of it if there is none.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trim(front);
}

double parse_quality(std::string_view text) {
  double quality = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), quality);
  return error == std::errc{} && end == text.data() + text.size() ? quality : 0;
}

/// How exactly a range says what it wants.
int exactness(const MediaRange& range) {
  if (range.type == "*") {
    return 0;
  }
  return range.subtype == "*" ? 1 : 2;
}

bool is_better(const MediaRange& a, const MediaRange& b) {
  return a.quality != b.quality ? a.quality > b.quality : exactness(a) > exactness(b);
}

}  // namespace

bool MediaRange::covers(std::string_view type_name, std::string_view subtype_name) const noexcept {
  return (type == type_name && (subtype == subtype_name || subtype == "*")) ||
         (type == "*" && subtype == "*");
}

std::string_view MediaRange::parameter(std::string_view name) const noexcept {
  const auto found =
      std::ranges::find(parameters, name, &std::pair<std::string_view, std::string_view>::first);
  return found == parameters.end() ? std::string_view{} : found->second;
}

bool MediaRange::asks_for_conversion() const noexcept {
  return std::ranges::any_of(parameters, [](const auto& parameter) {
    return parameter.first == "as" || parameter.first == "g" || parameter.first == "v";
  });
}

bool MediaRange::asks_for(std::string_view as, std::string_view group,
                          std::string_view version) const noexcept {
  return parameter("as") == as && parameter("g") == group && parameter("v") == version;
}

std::vector<MediaRange> parse_accept(std::string_view header) {
  std::vector<MediaRange> ranges;
  while (!header.empty() && ranges.size() < kMaxRanges) {
    std::string_view clause = take(header, ',');
    std::string_view media = take(clause, ';');
    MediaRange range;
    range.type = take(media, '/');
    range.subtype = range.type == "*" && media.empty() ? "*" : trim(media);
    if (range.type.empty() || range.subtype.empty()) {
      continue;
    }
    while (!clause.empty()) {
      std::string_view value = take(clause, ';');
      const std::string_view name = take(value, '=');
      if (name == "q") {
        range.quality = parse_quality(value);
      } else if (!value.empty()) {
        range.parameters.emplace_back(name, trim(value));
      }
    }
    const auto place = std::ranges::upper_bound(ranges, range, is_better);
    ranges.insert(place, std::move(range));
  }
  return ranges;
}

}  // namespace kthena::apiserver
