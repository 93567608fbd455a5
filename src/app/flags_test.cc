#include "app/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace kthena::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

enum class Format : std::uint8_t { Text, Json };

struct Options {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;
  std::int32_t offset = -1;
  double share = 0.5;
  bool verbose = false;
  bool cache = true;
  Duration step = 10ms;
  std::vector<std::string> names = {"base"};
  Format format = Format::Text;
};

class FlagsTest : public testing::Test {
 protected:
  FlagsTest() {
    flags_.section("Server");
    flags_.add("host", options_.host, "address to listen on").env("KTHENA_TEST_HOST");
    flags_.add("port", options_.port, "port to listen on");
    flags_.add("offset", options_.offset, "a signed number");
    flags_.section("Model");
    flags_.add("share", options_.share, "a share");
    flags_.add("verbose", options_.verbose, "say more");
    flags_.add("cache", options_.cache, "keep prefixes");
    flags_.add("step-base", options_.step, "time of a step").alias("base-step");
    flags_.add("served-model-name", options_.names, "names").many();
    flags_.add("log-format", options_.format, {{"text", Format::Text}, {"json", Format::Json}},
               "how lines look");
  }

  Result<ParseOutcome> parse(std::vector<const char*> arguments) { return flags_.parse(arguments); }
  std::string error_of(std::vector<const char*> arguments) {
    const auto outcome = parse(std::move(arguments));
    return outcome ? "no error" : outcome.error().message();
  }

  Options options_;
  Flags flags_{"program", "does things"};
};

TEST_F(FlagsTest, LeavesDefaultsWithoutArguments) {
  ASSERT_TRUE(parse({}));
  EXPECT_EQ(options_.port, 8000);
  EXPECT_THAT(options_.names, ElementsAre("base"));
  EXPECT_FALSE(flags_.given("port"));
}

TEST_F(FlagsTest, TakesValuesInBothForms) {
  ASSERT_TRUE(parse({"--host", "::1", "--port=0", "--offset", "-5", "--share=0.25", "--step_base",
                     "1m30s", "--log-format", "json"}));
  EXPECT_EQ(options_.host, "::1");
  EXPECT_EQ(options_.port, 0);
  EXPECT_EQ(options_.offset, -5);
  EXPECT_EQ(options_.share, 0.25);
  EXPECT_EQ(options_.step, 90s);
  EXPECT_EQ(options_.format, Format::Json);
  EXPECT_TRUE(flags_.given("port"));
}

TEST_F(FlagsTest, BoolsAreSetAndCleared) {
  ASSERT_TRUE(parse({"--verbose", "--no-cache"}));
  EXPECT_TRUE(options_.verbose);
  EXPECT_FALSE(options_.cache);
  ASSERT_TRUE(parse({"--verbose=false", "--cache=on"}));
  EXPECT_FALSE(options_.verbose);
  EXPECT_TRUE(options_.cache);
}

TEST_F(FlagsTest, ListsReplaceTheDefaultAndGrow) {
  ASSERT_TRUE(parse({"--served-model-name", "a", "b", "--verbose", "--served-model-name", "c"}));
  EXPECT_THAT(options_.names, ElementsAre("a", "b", "c"));
}

TEST_F(FlagsTest, AliasesMeanTheSameFlag) {
  ASSERT_TRUE(parse({"--base-step=2s"}));
  EXPECT_EQ(options_.step, 2s);
}

TEST_F(FlagsTest, CommandLineWinsOverEnvironmentWinsOverDefault) {
  setenv("KTHENA_TEST_HOST", "from-environment", 1);
  ASSERT_TRUE(parse({}));
  EXPECT_EQ(options_.host, "from-environment");
  ASSERT_TRUE(parse({"--host", "from-line"}));
  EXPECT_EQ(options_.host, "from-line");
  unsetenv("KTHENA_TEST_HOST");
}

TEST_F(FlagsTest, BoolsTakeTheWordsOfGo) {
  for (const char* word : {"1", "t", "T", "TRUE", "true", "True"}) {
    options_.verbose = false;
    ASSERT_TRUE(parse({(std::string("--verbose=") + word).c_str()})) << word;
    EXPECT_TRUE(options_.verbose) << word;
  }
  for (const char* word : {"0", "f", "F", "FALSE", "false", "False"}) {
    options_.verbose = true;
    ASSERT_TRUE(parse({(std::string("--verbose=") + word).c_str()})) << word;
    EXPECT_FALSE(options_.verbose) << word;
  }
  EXPECT_FALSE(parse({"--verbose=tRUE"}));
}

TEST_F(FlagsTest, PassesOverWhatTheEnvironmentOfALenientFlagHolds) {
  flags_.add("access-log", options_.verbose, "write it").lenient_env("KTHENA_TEST_ACCESS_LOG");
  setenv("KTHENA_TEST_ACCESS_LOG", "maybe", 1);
  ASSERT_TRUE(parse({}));
  EXPECT_FALSE(options_.verbose);
  EXPECT_FALSE(flags_.given("access-log"));
  EXPECT_THAT(flags_.warnings(),
              ElementsAre("environment variable KTHENA_TEST_ACCESS_LOG: 'maybe' is neither true "
                          "nor false"));
  setenv("KTHENA_TEST_ACCESS_LOG", "T", 1);
  ASSERT_TRUE(parse({}));
  EXPECT_TRUE(options_.verbose);
  unsetenv("KTHENA_TEST_ACCESS_LOG");
}

TEST_F(FlagsTest, ErrorsNameTheFlag) {
  EXPECT_EQ(error_of({"--port", "70000"}), "--port: '70000' is not an integer from 0 to 65535");
  EXPECT_EQ(error_of({"--port", "-1"}), "--port: '-1' is not an integer from 0 to 65535");
  EXPECT_EQ(error_of({"--offset=3000000000"}),
            "--offset: '3000000000' is not an integer from -2147483648 to 2147483647");
  EXPECT_EQ(error_of({"--share", "lots"}), "--share: 'lots' is not a number");
  EXPECT_EQ(error_of({"--share", "inf"}), "--share: 'inf' is not a number");
  EXPECT_EQ(error_of({"--step-base=5"}),
            "--step-base: invalid duration \"5\": a unit is missing (500ms, 30s and 1h30m are "
            "durations)");
  EXPECT_EQ(error_of({"--log-format=xml"}), "--log-format: 'xml' is not one of text, json");
  EXPECT_EQ(error_of({"--verbose=maybe"}), "--verbose: 'maybe' is neither true nor false");
  EXPECT_EQ(error_of({"--host"}), "--host: needs a value");
  EXPECT_EQ(error_of({"stray"}), "unexpected argument 'stray': flags begin with --");
}

TEST_F(FlagsTest, DurationsAreNotNegative) {
  EXPECT_EQ(error_of({"--step-base=-1ms"}), "--step-base: '-1ms' is not at least 0s");
  EXPECT_EQ(options_.step, 10ms);
  ASSERT_TRUE(parse({"--step-base=0s"}));
  EXPECT_EQ(options_.step, 0ms);
}

TEST_F(FlagsTest, PositiveFlagsRefuseZeroFromTheLineAndPassItOverFromALenientEnvironment) {
  Duration patience = 5min;
  flags_.add("drain-timeout", patience, "patience").positive().lenient_env("KTHENA_TEST_DRAIN");
  double mean = 1;
  flags_.add("mean", mean, "a mean").positive();
  EXPECT_EQ(error_of({"--drain-timeout", "0"}), "--drain-timeout: '0' is not more than 0s");
  EXPECT_EQ(error_of({"--drain-timeout=-5s"}), "--drain-timeout: '-5s' is not more than 0s");
  EXPECT_EQ(error_of({"--mean=-0"}), "--mean: '-0' is not more than 0");
  setenv("KTHENA_TEST_DRAIN", "-5s", 1);
  ASSERT_TRUE(parse({}));
  unsetenv("KTHENA_TEST_DRAIN");
  EXPECT_EQ(patience, 5min);
  EXPECT_THAT(flags_.warnings(),
              ElementsAre("environment variable KTHENA_TEST_DRAIN: '-5s' is not more than 0s"));
}

TEST_F(FlagsTest, IntegersMayHaveBounds) {
  std::uint32_t shards = 1;
  flags_.add("shards", shards, "threads").within(1, 256);
  EXPECT_EQ(error_of({"--shards=0"}), "--shards: '0' is not an integer from 1 to 256");
  EXPECT_EQ(error_of({"--shards=257"}), "--shards: '257' is not an integer from 1 to 256");
  ASSERT_TRUE(parse({"--shards=256"}));
  EXPECT_EQ(shards, 256U);
  std::uint16_t port = 1;
  flags_.add("other-port", port, "a port").within(1, 1'000'000);
  EXPECT_EQ(error_of({"--other-port=0"}), "--other-port: '0' is not an integer from 1 to 65535");
}

TEST_F(FlagsTest, AddressesAreNumbersOrLocalhost) {
  net::IpAddress address = *net::parse_ip("0.0.0.0");
  flags_.add("listen", address, "where to listen");
  EXPECT_EQ(error_of({"--listen", "example.org"}),
            "--listen: 'example.org' is neither an IP address nor localhost");
  EXPECT_EQ(error_of({"--listen="}), "--listen: '' is neither an IP address nor localhost");
  EXPECT_EQ(address.to_string(), "0.0.0.0");
  EXPECT_THAT(flags_.help(), HasSubstr("--listen IP                     where to listen (default "
                                       "0.0.0.0)"));
  ASSERT_TRUE(parse({"--listen", "localhost"}));
  EXPECT_EQ(address.to_string(), "127.0.0.1");
  ASSERT_TRUE(parse({"--listen=::1"}));
  EXPECT_EQ(address.to_string(), "::1");
}

TEST_F(FlagsTest, UnknownFlagsNameTheNearest) {
  EXPECT_EQ(error_of({"--prot", "1"}), "unknown flag --prot; did you mean --port?");
  EXPECT_EQ(error_of({"--served-model-names=x"}),
            "unknown flag --served-model-names; did you mean --served-model-name?");
  EXPECT_EQ(error_of({"--quantum-flux"}), "unknown flag --quantum-flux");
  EXPECT_EQ(error_of({"--no-port"}), "unknown flag --no-port");
}

TEST_F(FlagsTest, RequiredFlagsMustBeGiven) {
  std::string directory;
  flags_.add("manifests", directory, "where they are").placeholder("DIR").required();
  EXPECT_EQ(error_of({}), "--manifests is required");
  EXPECT_TRUE(parse({"--manifests", "x"}));
}

TEST_F(FlagsTest, HelpShowsSectionsDefaultsAndEnvironment) {
  EXPECT_EQ(parse({"--port", "nonsense", "--help"}), ParseOutcome::Help);
  flags_.add("secret", options_.verbose, "of another program").hidden();
  const std::string help = flags_.help();
  EXPECT_THAT(help, HasSubstr("program: does things\n"));
  EXPECT_THAT(help, HasSubstr("\nServer:\n  --host TEXT                     address to listen on "
                              "(default 127.0.0.1) [env KTHENA_TEST_HOST]\n"));
  EXPECT_THAT(help, HasSubstr("\nModel:\n  --share NUMBER"));
  EXPECT_THAT(help, HasSubstr("--log-format text|json"));
  EXPECT_THAT(help, HasSubstr("--served-model-name TEXT..."));
  EXPECT_THAT(help, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace kthena::app
