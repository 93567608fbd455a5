#include "kube/meta/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/codec.h"
#include "json/print.h"

namespace kthena::kube {
namespace {

using testing::EndsWith;
using testing::StartsWith;

TEST(Status, IsAnErrorWithTheCodeOfItsReason) {
  struct Case {
    int code;
    const char* reason;
    ErrorCode expected;
  };
  for (const Case& c : {Case{404, "NotFound", ErrorCode::NotFound},
                        {409, "AlreadyExists", ErrorCode::AlreadyExists},
                        {409, "Conflict", ErrorCode::Conflict},
                        {410, "Expired", ErrorCode::Expired},
                        {410, "Gone", ErrorCode::Expired},
                        {422, "Invalid", ErrorCode::InvalidArgument},
                        {400, "BadRequest", ErrorCode::InvalidArgument},
                        {401, "Unauthorized", ErrorCode::Unauthenticated},
                        {403, "Forbidden", ErrorCode::PermissionDenied},
                        {405, "MethodNotAllowed", ErrorCode::Unsupported},
                        {413, "RequestEntityTooLarge", ErrorCode::TooLarge},
                        {429, "TooManyRequests", ErrorCode::RateLimited},
                        {500, "InternalError", ErrorCode::Unavailable},
                        {503, "ServiceUnavailable", ErrorCode::Unavailable},
                        {504, "Timeout", ErrorCode::Unavailable},
                        {302, "", ErrorCode::Malformed}}) {
    EXPECT_EQ(error_code_of(c.code, c.reason), c.expected) << c.code << c.reason;
  }
}

TEST(Status, KeepsTheMessageAndEachField) {
  const Error error = error_of_answer(422, R"({"kind": "Status", "apiVersion": "v1", "metadata": {},
    "status": "Failure", "message": "Pod \"p\" is invalid: spec.a: Required value", "reason": "Invalid",
    "details": {"name": "p", "kind": "Pod", "causes": [{"reason": "FieldValueRequired", "message": "Required value",
    "field": "spec.a"}, {"message": "too long", "field": "spec.b"}]}, "code": 422})");
  EXPECT_EQ(error, Error(ErrorCode::InvalidArgument,
                         "Pod \"p\" is invalid: spec.a: Required value; spec.b: too long"));
}

TEST(Status, MayBeNoneAtAll) {
  EXPECT_EQ(error_of_answer(502, "<html>\nbad gateway</html>"),
            Error(ErrorCode::Unavailable, "the server answered 502: <html> bad gateway</html>"));
  EXPECT_EQ(error_of_answer(404, ""), Error(ErrorCode::NotFound, "the server answered 404"));
  const Error cut = error_of_answer(500, std::string(1000, 'x') + "\xff");
  EXPECT_THAT(cut.message(), EndsWith("xxx…"));
  EXPECT_LT(cut.message().size(), 300U);
  EXPECT_THAT(error_of_answer(400, R"({"kind": "Pod"})").message(), StartsWith("the server"));
}

TEST(Status, OfAnErrorReadsBackAsThatError) {
  const Error error(ErrorCode::AlreadyExists, "pods \"p\" already exists");
  const Status status = to_status(error);
  EXPECT_EQ(to_error(status), error);
  EXPECT_EQ(json::print(json::encode(status)),
            R"({"apiVersion":"v1","kind":"Status","status":"Failure",)"
            R"("message":"pods \"p\" already exists","reason":"AlreadyExists","code":409})");
}

}  // namespace
}  // namespace kthena::kube
