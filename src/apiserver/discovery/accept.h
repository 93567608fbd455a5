// What a client is willing to read, as an Accept field says it.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace kthena::apiserver {

/// One of the forms in which a client takes the answer. Views into the header.
struct MediaRange {
  std::string_view type;     ///< "application", "*"
  std::string_view subtype;  ///< "json", "*"
  double quality = 1;
  std::vector<std::pair<std::string_view, std::string_view>> parameters{};  ///< without q

  bool covers(std::string_view type_name, std::string_view subtype_name) const noexcept;
  /// Empty if it is not there.
  std::string_view parameter(std::string_view name) const noexcept;
  /// Whether another form of the object is wanted: `as`, `g` or `v` (a Table, say).
  bool asks_for_conversion() const noexcept;
  /// Whether it wants just that form.
  bool asks_for(std::string_view as, std::string_view group,
                std::string_view version) const noexcept;
};

/// The most wanted first; what cannot be read is left out. At most 64 of them.
std::vector<MediaRange> parse_accept(std::string_view header);

}  // namespace kthena::apiserver
