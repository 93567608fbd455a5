#include "http/message.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "async/simulated_loop.h"

namespace kthena::http {
namespace {

TEST(Method, TextAndValueBelongTogether) {
  for (const char* text :
       {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}) {
    EXPECT_EQ(to_string(parse_method(text)), text);
    EXPECT_NE(parse_method(text), Method::Other);
  }
  for (const char* text : {"get", "OTHER", "", "GETS", "PROPFIND"}) {
    EXPECT_EQ(parse_method(text), Method::Other) << text;
  }
}

TEST(ReasonPhrase, IsEmptyWhereThereIsNone) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(599), "");
  EXPECT_EQ(reason_phrase(-1), "");
}

TEST(Request, TargetSplitsIntoPathAndQuery) {
  Request request;
  request.target = "/v1/models?a=b?c";
  EXPECT_EQ(request.path(), "/v1/models");
  EXPECT_EQ(request.query(), "a=b?c");
  request.target = "/v1/models";
  EXPECT_EQ(request.path(), "/v1/models");
  EXPECT_EQ(request.query(), "");
}

TEST(TextResponse, HasStatusTypeAndBody) {
  const Response response = text_response(418, "text/plain", "short and stout");
  EXPECT_EQ(response.status, 418);
  EXPECT_EQ(response.headers.find("content-type"), "text/plain");
  EXPECT_EQ(response.body.text(), "short and stout");
}

/// Gives its parts one by one, then what it was told to.
class Parts final : public BodySource {
 public:
  Parts(std::vector<std::string> parts, Pulled::Kind last, std::optional<std::uint64_t> length = {})
      : parts_(std::move(parts)), last_(last), length_(length) {}
  Pulled pull() override {
    if (at_ == parts_.size()) {
      return last_ == Pulled::Kind::Failed ? failed(Error(ErrorCode::Disconnected, "cut"))
                                           : Pulled{.kind = last_, .data = {}};
    }
    return {.kind = Pulled::Kind::Data, .data = parts_[at_++]};
  }
  void subscribe(async::Waiter& waiter) override { waiter.wake(); }
  void unsubscribe(async::Waiter&) noexcept override {}
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::vector<std::string> parts_;
  Pulled::Kind last_;
  std::optional<std::uint64_t> length_;
  std::size_t at_ = 0;
};

Result<std::string> read_parts(std::unique_ptr<BodySource> source, std::size_t limit) {
  const Body body(std::move(source));
  async::SimulatedLoop loop(1);
  return async::run_until_done(loop, read_all(body, limit));
}

TEST(ReadAll, JoinsTheParts) {
  const auto text = read_parts(
      std::make_unique<Parts>(std::vector<std::string>{"a", "", "bc"}, Pulled::Kind::End), 3);
  ASSERT_TRUE(text) << text.error().to_string();
  EXPECT_EQ(*text, "abc");
}

TEST(ReadAll, StopsAtTheLimit) {
  const auto text = read_parts(
      std::make_unique<Parts>(std::vector<std::string>{"ab", "cd"}, Pulled::Kind::End), 3);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), ErrorCode::TooLarge);
}

TEST(ReadAll, BelievesAnAnnouncedLength) {
  const auto text = read_parts(
      std::make_unique<Parts>(std::vector<std::string>{}, Pulled::Kind::End, 1ULL << 60), 3);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), ErrorCode::TooLarge);
}

TEST(ReadAll, PassesOnWhyTheBodyBrokeOff) {
  const auto text =
      read_parts(std::make_unique<Parts>(std::vector<std::string>{"ab"}, Pulled::Kind::Failed), 3);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), ErrorCode::Disconnected);
}

TEST(ReadAll, TakesTextAtHandWithinTheLimit) {
  const Body body(std::string("abc"));
  async::SimulatedLoop loop(1);
  EXPECT_EQ(async::run_until_done(loop, read_all(body, 3)), Result<std::string>("abc"));
  EXPECT_FALSE(async::run_until_done(loop, read_all(body, 2)));
}

}  // namespace
}  // namespace kthena::http
