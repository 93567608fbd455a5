#include "bench/common/options.h"

#include <fmt/format.h>

#include <charconv>

namespace kthena::bench {

Result<Options> Options::parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (!word.starts_with("--")) {
      if (!options.given_.empty()) {
        return fail(ErrorCode::InvalidArgument, fmt::format("'{}' belongs to no option", word));
      }
      options.positional_.push_back(word);
    } else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("--")) {
      options.given_.emplace(word.substr(2), arguments[i + 1]);
      ++i;
    } else {
      options.given_.emplace(word.substr(2), "");
    }
  }
  return options;
}

std::vector<std::string> Options::all(std::string_view name) {
  known_[std::string(name)] = true;
  std::vector<std::string> values;
  for (auto [at, end] = given_.equal_range(name); at != end; ++at) {
    values.push_back(at->second);
  }
  return values;
}

std::string Options::text(std::string_view name, std::string_view otherwise) {
  const std::vector<std::string> values = all(name);
  return values.empty() ? std::string(otherwise) : values.back();
}

double Options::number(std::string_view name, double otherwise) {
  const std::string value = text(name, "");
  if (value.empty() && given_.find(name) == given_.end()) {
    return otherwise;
  }
  double result = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
  if (error != std::errc{} || end != value.data() + value.size() || result < 0) {
    problem_ = fmt::format("--{} wants a number from 0 up, not '{}'", name, value);
    return otherwise;
  }
  return result;
}

bool Options::flag(std::string_view name) { return !all(name).empty(); }

Result<void> Options::finish() const {
  if (!problem_.empty()) {
    return fail(ErrorCode::InvalidArgument, problem_);
  }
  for (const auto& [name, value] : given_) {
    if (!known_.contains(name)) {
      return fail(ErrorCode::InvalidArgument, fmt::format("unknown option --{}", name));
    }
  }
  return {};
}

}  // namespace kthena::bench
