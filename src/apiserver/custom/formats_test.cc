#include "apiserver/custom/formats.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace kthena::apiserver {
namespace {

struct Case {
  std::string_view format;
  std::vector<std::string_view> good;
  std::vector<std::string_view> bad;
};

// What kube-apiserver 1.34.2 said of each.
TEST(Formats, AreJudgedAsTheApiServerJudgesThem) {
  const std::vector<Case> cases = {
      {"date-time",
       {"2020-02-29T10:00:00Z", "2020-01-01t10:00:00.123z", "2020-01-01T23:59:59+02:00"},
       {"", "2020-01-01", "2021-02-29T10:00:00Z", "2020-01-01 10:00:00Z", "2020-01-01T24:00:00Z",
        "2020-01-01T10:00:60Z", "2020-01-01T10:00:00"}},
      {"date", {"2020-02-29", "0001-01-01"}, {"2019-02-29", "2020-13-01", "2020-1-1", ""}},
      {"duration",
       {"1h", "5m30s", "1.5h", "3 days", "2 hours", "4weeks", "0"},
       {"", "5", "h", "5 x"}},
      {"ipv4", {"10.0.0.1", "010.1.1.1", "::ffff:1.2.3.4"}, {"10.0.0", "256.1.1.1", "::1", ""}},
      {"ipv6",
       {"::", "::1", "fe80::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"},
       {"10.0.0.1", ":::", "1:2:3:4:5:6:7", "fe80::1%eth0", "12345::", "1::2::3", ""}},
      {"cidr", {"10.0.0.0/8", "::/0", "010.0.0.0/08"}, {"10.0.0.0", "10.0.0.0/33", "::/129", "/8"}},
      {"mac", {"01:23:45:67:89:ab", "0123.4567.89ab"}, {"01:23:45", "01-23:45:67:89:ab", ""}},
      {"uri",
       {"http://a/b", "/a", "mailto:x", "http://u:p@h:80/?q", "*"},
       {"", "a", "a/b", "http://a:b/", "http://[::1", "/%zz", ":x"}},
      {"email", {"a@b", "Ann <a@b.c>", "\"x y\"@b.c"}, {"", "a", "@b", "a@", "a b@c", "<a@b"}},
      {"hostname", {"a", "a.example.com", "1a"}, {"", "a_b.c", "-a", "a..b"}},
      {"uuid",
       {"123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000"},
       {"", "x"}},
      {"byte", {"YQ==", "YWJj"}, {"", "YQ", "Y"}},
      {"hexcolor", {"#fff", "ffffff"}, {"#ffff", "red"}},
      {"rgbcolor", {"rgb(1,2,3)", "rgb( 1 , 20, 255 )"}, {"rgb(1,2)", "rgb(256,1,1)"}},
      {"isbn", {"0321751043", "978-0321751041"}, {"0321751044", ""}},
      {"creditcard", {"4111 1111 1111 1111"}, {"4111111111111112", ""}},
      {"ssn", {"111-22-3333"}, {"111223333", ""}},
      {"bsonobjectid", {"507f1f77bcf86cd799439011"}, {"507f", ""}},
      {"password", {"", "x"}, {}},
  };
  for (const Case& each : cases) {
    const StringFormat format = find_format(each.format);
    EXPECT_NE(format, StringFormat::None) << each.format;
    for (const std::string_view text : each.good) {
      EXPECT_TRUE(has_format(format, text)) << each.format << ": " << text;
    }
    for (const std::string_view text : each.bad) {
      EXPECT_FALSE(has_format(format, text)) << each.format << ": " << text;
    }
  }
}

TEST(Formats, ThatTheApiServerDoesNotCheckAreNone) {
  for (const std::string_view name :
       {"", "int32", "int64", "float", "double", "regex", "k8s-short-name"}) {
    EXPECT_EQ(find_format(name), StringFormat::None) << name;
  }
}

}  // namespace
}  // namespace kthena::apiserver
