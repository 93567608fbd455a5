#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kthena {
namespace {

Result<int> parse_digit(char c) {
  if (c < '0' || c > '9') {
    return fail(ErrorCode::InvalidArgument, std::string("not a digit: ") + c);
  }
  return c - '0';
}

Result<int> sum(std::string_view digits) {
  int total = 0;
  for (const char c : digits) {
    total += TRY(parse_digit(c));
  }
  return total;
}

TEST(Try, YieldsTheValue) { EXPECT_EQ(sum("123"), 6); }

TEST(Try, ReturnsTheError) {
  const auto result = sum("1x3");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "not a digit: x");
  EXPECT_EQ(result.error().code(), ErrorCode::InvalidArgument);
}

TEST(Try, MovesWhatCannotBeCopied) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  const auto use = [&]() -> Result<int> {
    std::unique_ptr<int> value = TRY(make());
    return *value;
  };
  EXPECT_EQ(use(), 7);
}

TEST(Try, NestsAndTakesVoid) {
  const auto check = [](int value) -> Result<> {
    if (value < 0) {
      return fail(ErrorCode::InvalidArgument, "negative");
    }
    return {};
  };
  const auto run = [&](char c) -> Result<int> {
    TRY(check(TRY(parse_digit(c)) - 5));
    return 1;
  };
  EXPECT_EQ(run('6'), 1);
  EXPECT_EQ(run('4').error().message(), "negative");
  EXPECT_EQ(run('?').error().message(), "not a digit: ?");
}

TEST(Error, GainsContextOnTheWayUp) {
  const Error error(ErrorCode::NotFound, "no such file");
  EXPECT_EQ(error.with_context("reading kubeconfig").to_string(),
            "NotFound: reading kubeconfig: no such file");
}

TEST(Error, MapsToHttpAndKubernetes) {
  EXPECT_EQ(http_status(ErrorCode::Conflict), 409);
  EXPECT_EQ(kubernetes_reason(ErrorCode::PermissionDenied), "Forbidden");
  EXPECT_EQ(http_status(ErrorCode::Internal), 500);
}

}  // namespace
}  // namespace kthena
