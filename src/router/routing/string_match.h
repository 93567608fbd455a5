// Exact, prefix or regular expression, as a ModelRoute gives them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kthena::router {

/// Matches a header value or a path. Immutable, shared by all shards.
class StringMatch {
 public:
  virtual ~StringMatch() = default;
  virtual bool matches(std::string_view text) const = 0;
};

std::shared_ptr<const StringMatch> match_exact(std::string text);
std::shared_ptr<const StringMatch> match_prefix(std::string text);
/// Searches (does not anchor); see base/regex.h. Errors: InvalidArgument.
Result<std::shared_ptr<const StringMatch>> match_regex(std::string_view pattern);
/// For a pattern that does not compile.
std::shared_ptr<const StringMatch> match_never();

}  // namespace kthena::router
