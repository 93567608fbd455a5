// The parameters of a query.
#pragma once

#include <string>
#include <string_view>

#include "base/strings.h"

namespace kthena::apiserver {

/// Calls visit(name, value) for each; what is not encoded rightly is left out.
template <class Visit>
void for_each_parameter(std::string_view query, Visit&& visit) {
  for_each_part(query, '&', [&visit](std::string_view part) {
    const auto at = part.find('=');
    const auto name = percent_decode(part.substr(0, at), PlusIsBlank::Yes);
    const auto value = percent_decode(
        at == std::string_view::npos ? std::string_view() : part.substr(at + 1), PlusIsBlank::Yes);
    if (name && value && !name->empty()) {
      visit(*name, *value);
    }
  });
}

/// As kube-apiserver reads a bool: whatever does not say no says yes.
inline bool is_true(std::string_view text) {
  return !equals_ignore_case(text, "false") && text != "0";
}

}  // namespace kthena::apiserver
