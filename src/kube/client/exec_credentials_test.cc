#include "kube/client/exec_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>

#include "async/combine.h"
#include "async/scope.h"
#include "async/simulated_loop.h"
#include "async/time.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ScriptedRunner final : public async::CommandRunner {
 public:
  async::Task<Result<async::CommandOutput>> run(const async::Command& command) override {
    commands.push_back(command);
    CO_TRY(co_await async::sleep_for(1s));
    auto answer = std::move(answers.front());
    answers.pop_front();
    co_return answer;
  }
  std::deque<Result<async::CommandOutput>> answers;
  std::vector<async::Command> commands;
};

std::string printed(std::string_view status) {
  return R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":)" +
         std::string(status) + "}";
}

struct ExecCredentialsTest : testing::Test {
  async::SimulatedLoop loop{1};
  ScriptedRunner runner;
  ClientConfig config{.server = "https://h",
                      .ca_pem = "CA",
                      .exec = ExecPlugin{.api_version = "client.authentication.k8s.io/v1",
                                         .command = "login",
                                         .arguments = {"--for", "me"},
                                         .environment = {{"A", "b"}},
                                         .install_hint = "get it at example.com"}};
  ExecCredentials source{loop, runner, config};

  void print(std::string_view status) {
    runner.answers.push_back(async::CommandOutput{.output = printed(status)});
  }
  std::string ask() {
    const auto credential = async::run_until_done(loop, source.current());
    return credential ? credential->authorization : credential.error().to_string();
  }
};

TEST_F(ExecCredentialsTest, RunsTheProgramOnceUntilItsTokenExpires) {
  print(R"({"token":"one","expirationTimestamp":"2026-01-01T00:10:00Z"})");
  EXPECT_EQ(ask(), "Bearer one");
  EXPECT_EQ(ask(), "Bearer one");
  EXPECT_THAT(runner.commands[0].arguments, ElementsAre("login", "--for", "me"));
  EXPECT_EQ(runner.commands[0].environment[0], std::pair(std::string("A"), std::string("b")));
  EXPECT_EQ(runner.commands[0].environment[1].first, "KUBERNETES_EXEC_INFO");
  loop.run_for(9min + 55s);
  print(R"({"token":"two"})");
  EXPECT_EQ(ask(), "Bearer two");
  loop.run_for(24h);
  EXPECT_EQ(ask(), "Bearer two");
  EXPECT_TRUE(source.refused());
  print(R"({"token":"three"})");
  EXPECT_EQ(ask(), "Bearer three");
  EXPECT_EQ(runner.commands.size(), 3U);
}

TEST_F(ExecCredentialsTest, RunsTheProgramOnceForAllWhoWait) {
  print(R"({"token":"one"})");
  const auto [a, b] =
      async::run_until_done(loop, async::when_all(source.current(), source.current()));
  EXPECT_EQ(a->authorization, "Bearer one");
  EXPECT_EQ(*a, *b);
  EXPECT_EQ(runner.commands.size(), 1U);
}

TEST_F(ExecCredentialsTest, TakesCertificates) {
  print(R"({"clientCertificateData":"CERT","clientKeyData":"KEY"})");
  const auto credential = async::run_until_done(loop, source.current());
  EXPECT_EQ(*credential, (Credential{.certificate_pem = "CERT", .private_key_pem = "KEY"}));
}

TEST_F(ExecCredentialsTest, SaysWhyThereIsNone) {
  runner.answers.push_back(fail(ErrorCode::NotFound, "login: No such file or directory"));
  EXPECT_EQ(
      ask(),
      "Unauthenticated: exec plugin: login: No such file or directory; get it at example.com");
  runner.answers.push_back(
      async::CommandOutput{.exit_status = 1, .error_output = "log in first\n"});
  EXPECT_EQ(ask(), "Unauthenticated: exec plugin login: exit status 1: log in first");
  for (const char* status :
       {"{}", "null", R"({"clientKeyData":"secret"})", R"({"token":{"a":"secret"}})"}) {
    print(status);
    const std::string error = ask();
    EXPECT_THAT(
        error,
        HasSubstr("Unauthenticated: exec plugin login: what it printed is no ExecCredential"));
    EXPECT_THAT(error, Not(HasSubstr("secret")));
  }
  EXPECT_FALSE(
      parse_exec_credential(printed(R"({"token":"t"})"), "client.authentication.k8s.io/v1beta1")
          .has_value());
}

TEST_F(ExecCredentialsTest, TellsTheProgramOfTheClusterIfItAsks) {
  EXPECT_EQ(
      exec_info(config),
      R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}})");
  config.exec->provide_cluster_info = true;
  EXPECT_THAT(exec_info(config),
              HasSubstr(R"("cluster":{"server":"https://h","certificate-authority-data":"Q0E="})"));
}

TEST_F(ExecCredentialsTest, AreTakenWhenThereIsNothingElse) {
  const DiskFiles files;
  const auto shown = [&](const ClientConfig& chosen) {
    const auto made = make_credentials(loop, files, &runner, chosen);
    return async::run_until_done(loop, (*made)->current())->authorization;
  };
  print(R"({"token":"one"})");
  EXPECT_EQ(shown(config), "Bearer one");
  ClientConfig both = config;
  both.token = "mine";
  EXPECT_EQ(shown(both), "Bearer mine");
  EXPECT_EQ(make_credentials(loop, files, nullptr, config).error().code(), ErrorCode::Unsupported);
}

}  // namespace
}  // namespace kthena::kube
