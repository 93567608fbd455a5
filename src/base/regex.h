// Regular expressions of users: RE2 syntax, linear time, bounded memory. The engine's header stays
// in regex.cc.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace kthena {

/// A compiled expression. Copies share it; matching is thread-safe.
class Regex {
 public:
  /// Errors: InvalidArgument, worded as Go's regexp package words it.
  static Result<Regex> create(std::string_view expression);

  /// True if the expression is found anywhere in `text`.
  bool found_in(std::string_view text) const;

 private:
  struct Compiled;
  explicit Regex(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace kthena
