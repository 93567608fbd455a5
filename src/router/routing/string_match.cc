#include "router/routing/string_match.h"

#include <utility>

#include "base/regex.h"

namespace kthena::router {
namespace {

class Exact final : public StringMatch {
 public:
  explicit Exact(std::string text) : text_(std::move(text)) {}
  bool matches(std::string_view text) const override { return text == text_; }

 private:
  std::string text_;
};

class Prefix final : public StringMatch {
 public:
  explicit Prefix(std::string text) : text_(std::move(text)) {}
  bool matches(std::string_view text) const override { return text.starts_with(text_); }

 private:
  std::string text_;
};

class Expression final : public StringMatch {
 public:
  explicit Expression(Regex regex) : regex_(std::move(regex)) {}
  bool matches(std::string_view text) const override { return regex_.found_in(text); }

 private:
  Regex regex_;
};

class Never final : public StringMatch {
 public:
  bool matches(std::string_view /*text*/) const override { return false; }
};

}  // namespace

std::shared_ptr<const StringMatch> match_exact(std::string text) {
  return std::make_shared<Exact>(std::move(text));
}
std::shared_ptr<const StringMatch> match_prefix(std::string text) {
  return std::make_shared<Prefix>(std::move(text));
}
std::shared_ptr<const StringMatch> match_never() { return std::make_shared<Never>(); }

Result<std::shared_ptr<const StringMatch>> match_regex(std::string_view pattern) {
  return std::make_shared<const Expression>(TRY(Regex::create(pattern)));
}

}  // namespace kthena::router
