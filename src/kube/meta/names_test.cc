#include "kube/meta/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kthena::kube {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kLabelText =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must "
    "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kSubdomainText =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', "
    "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kKeyText =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation "
    "is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kValueText =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

std::string with(std::string_view prefix, std::string_view text) {
  return std::string(prefix) + std::string(text);
}

TEST(Names, TakesGoodOnes) {
  for (const std::string_view name : {"a", "0", "my-name", "a--b"}) {
    EXPECT_THAT(dns_label_problems(name), IsEmpty()) << name;
  }
  EXPECT_THAT(dns_label_problems(std::string(63, 'a')), IsEmpty());
  for (const std::string_view name : {"a", "a.b", "1.2.3", "my-name.example.com"}) {
    EXPECT_THAT(dns_subdomain_problems(name), IsEmpty()) << name;
  }
  for (const std::string_view key : {"app", "App.x_y-z", "example.com/App", "a/B"}) {
    EXPECT_THAT(label_key_problems(key), IsEmpty()) << key;
  }
  for (const std::string_view value : {"", "x", "A.b_c-9"}) {
    EXPECT_THAT(label_value_problems(value), IsEmpty()) << value;
  }
}

TEST(Names, WantsALetterFirstInADns1035Label) {
  EXPECT_THAT(dns_1035_label_problems("a-1"), IsEmpty());
  EXPECT_THAT(dns_1035_label_problems(std::string(63, 'a')), IsEmpty());
  for (const std::string_view name : {"", "1a", "A", "a-", "-a", "a.b"}) {
    EXPECT_THAT(dns_1035_label_problems(name),
                ElementsAre("a DNS-1035 label must consist of lower case alphanumeric characters "
                            "or '-', start with an alphabetic character, and end with an "
                            "alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used "
                            "for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"))
        << name;
  }
  EXPECT_THAT(dns_1035_label_problems(std::string(64, 'a')),
              ElementsAre("must be no more than 63 characters"));
}

TEST(Names, SaysWhatIsWrongWithADnsLabel) {
  for (const std::string_view name : {"", "A", "-a", "a-", "a_b", "ä", ".", "a..b"}) {
    EXPECT_THAT(dns_label_problems(name), ElementsAre(kLabelText)) << name;
  }
  EXPECT_THAT(dns_label_problems("a.b"), ElementsAre("must not contain dots"));
  EXPECT_THAT(dns_label_problems(std::string(64, 'a')),
              ElementsAre("must be no more than 63 bytes"));
}

TEST(Names, SaysWhatIsWrongWithADnsSubdomain) {
  for (const std::string_view name : {"", ".", "a.", ".a", "a..b", "a.B", "a.-b"}) {
    EXPECT_THAT(dns_subdomain_problems(name), ElementsAre(kSubdomainText)) << name;
  }
  EXPECT_THAT(dns_subdomain_problems(std::string(254, 'a')),
              ElementsAre("must be no more than 253 bytes"));
}

TEST(Names, SaysWhatIsWrongWithALabelKey) {
  EXPECT_THAT(label_key_problems(""),
              ElementsAre("name part must be non-empty", with("name part ", kKeyText)));
  EXPECT_THAT(label_key_problems("a b"), ElementsAre(with("name part ", kKeyText)));
  EXPECT_THAT(label_key_problems("/a"), ElementsAre("prefix part must be non-empty"));
  EXPECT_THAT(label_key_problems("A.b/c"), ElementsAre(with("prefix part ", kSubdomainText)));
  EXPECT_THAT(label_key_problems("a/" + std::string(64, 'x')),
              ElementsAre("name part must be no more than 63 bytes"));
  EXPECT_THAT(
      label_key_problems("a/b/c"),
      ElementsAre(with("a valid label key ", kKeyText) +
                  " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"));
}

TEST(Names, SaysWhatIsWrongWithALabelValue) {
  for (const std::string_view value : {"-", "a b", "_a", "a."}) {
    EXPECT_THAT(label_value_problems(value), ElementsAre(kValueText)) << value;
  }
  EXPECT_THAT(label_value_problems(std::string(64, '.')),
              ElementsAre("must be no more than 63 bytes", kValueText));
}

}  // namespace
}  // namespace kthena::kube
