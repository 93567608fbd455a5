#include "router/routing/string_match.h"

#include <re2/re2.h>

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

class Regex final : public StringMatch {
 public:
  Regex(std::string_view pattern, const RE2::Options& options)
      : regex_(re2::StringPiece(pattern.data(), pattern.size()), options) {}
  bool matches(std::string_view text) const override {
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), regex_);
  }
  const RE2& regex() const { return regex_; }

 private:
  RE2 regex_;
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
  RE2::Options options;
  options.set_log_errors(false);
  auto match = std::make_shared<Regex>(pattern, options);
  if (!match->regex().ok()) {
    return fail(ErrorCode::InvalidArgument, match->regex().error());
  }
  return match;
}

}  // namespace kthena::router
