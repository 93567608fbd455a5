// Tests against an API server that KUBECONFIG names. What it can do beside its API (restart,
// forget) stands in variables, docs/guide/test-bed.md; a test that needs one is skipped without it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "async/epoll_loop.h"
#include "async/process.h"
#include "async/scope.h"
#include "async/time.h"
#include "json/parse.h"
#include "kube/client/client.h"
#include "kube/client/kubeconfig.h"
#include "kube/types/config.h"
#include "net/tcp.h"
#include "net/testing/static_resolver.h"

/// Skips the test where the server has no such command.
#define NEEDS_SERVER_COMMAND(name)                                  \
  if (::kthena::kube::testing::variable(name).empty()) {            \
    GTEST_SKIP() << name " is not set: this server cannot do that"; \
  }                                                                 \
  static_assert(true)

namespace kthena::kube::testing {

constexpr ResourceType kNamespace{.api_version = "v1",
                                  .kind = "Namespace",
                                  .plural = "namespaces",
                                  .singular = "namespace",
                                  .scope = Scope::Cluster};

inline std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

inline json::Value value_of(std::string_view text) { return json::parse(text).value(); }

/// Runs the command that `name` names.
inline async::Task<Result<>> tell_server(async::CommandRunner& runner, std::string name) {
  const async::Command command{.arguments = {"sh", "-c", variable(name.c_str())},
                               .timeout = std::chrono::minutes(3)};
  const async::CommandOutput output = CO_TRY(co_await runner.run(command));
  if (output.exit_status != 0) {
    co_return fail(ErrorCode::Internal, name + ": " + output.error_output);
  }
  co_return {};
}

/// Each test has a namespace of its own, `space_`.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    const json::Value created = ok(client().create(
        kNamespace,
        value_of(R"({"kind":"Namespace","metadata":{"generateName":"client-test-"}})")));
    space_ = created.find("metadata")->find("name")->as_string();
  }
  ~ServerTest() override { ok(client().remove(kNamespace, {"", space_})); }

  Result<ClientConfig> config(std::string context) const {
    return load_client_config(
        {.context = std::move(context), .kubeconfig_variable = variable("KUBECONFIG")}, files_);
  }
  std::unique_ptr<Client> connect(const ClientConfig& config, ClientOptions options = {}) {
    return *Client::create(network_, resolver_, config, std::move(options));
  }
  Client& client() {
    if (client_ == nullptr) {
      client_ = connect(*config("admin"));
    }
    return *client_;
  }

  template <class T>
  T run(async::Task<T> task) {
    return async::run_until_done(*loop_, std::move(task));
  }
  /// The value, or a failure of the test.
  template <class T>
  T ok(async::Task<Result<T>> task) {
    Result<T> result = run(std::move(task));
    if (!result) {
      ADD_FAILURE() << result.error().to_string();
      if constexpr (std::is_void_v<T>) {
        return;
      } else {
        return T{};
      }
    }
    if constexpr (!std::is_void_v<T>) {
      return *std::move(result);
    }
  }
  template <class T>
  ErrorCode code(async::Task<Result<T>> task) {
    const auto result = run(std::move(task));
    EXPECT_FALSE(result.has_value());
    return result ? ErrorCode::Internal : result.error().code();
  }

  ObjectKey key(std::string name) const { return {space_, std::move(name)}; }
  ConfigMap config_map(std::string name, Texts data = {}) const {
    return {.metadata = {.name = std::move(name), .namespace_name = space_},
            .data = std::move(data)};
  }
  Selection here() const { return {.namespace_name = space_}; }

  std::unique_ptr<async::EpollLoop> loop_ = *async::EpollLoop::create();
  net::TcpNetwork network_{*loop_};
  net::testing::StaticResolver resolver_;
  DiskFiles files_;
  async::ProcessRunner commands_{*loop_};
  std::unique_ptr<Client> client_;
  std::string space_;
};

}  // namespace kthena::kube::testing
