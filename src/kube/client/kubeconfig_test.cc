#include "kube/client/kubeconfig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace kthena::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Files final : public FileReader {
 public:
  Result<std::string> read(const std::string& path) const override {
    const auto found = texts.find(path);
    if (found == texts.end()) {
      return fail(ErrorCode::NotFound, path + ": No such file or directory");
    }
    return found->second;
  }
  std::map<std::string, std::string> texts;
};

constexpr const char* kConfig = R"(apiVersion: v1
kind: Config
preferences: {}
current-context: dev
clusters:
- name: dev
  cluster:
    server: https://10.0.0.1:6443
    certificate-authority: ca.crt
    tls-server-name: kubernetes
    extensions: [{name: x}]
- name: inline
  cluster: {server: "https://h", certificate-authority-data: Q0E=, certificate-authority: nowhere}
- name: open
  cluster: {server: "https://h", insecure-skip-tls-verify: true}
- name: both
  cluster: {server: "https://h", insecure-skip-tls-verify: true, certificate-authority: ca.crt}
- name: proxied
  cluster: {server: "https://h", proxy-url: "http://p"}
- name: empty
users:
- name: cert
  user: {client-certificate: pki/c.crt, client-key: /abs/c.key}
- name: token
  user: {token: t, tokenFile: tok, as: jane, as-groups: [a]}
- name: basic
  user: {username: u, password: p}
- name: half
  user: {client-certificate-data: Q0E=}
- name: junk
  user: {client-certificate-data: "***", client-key-data: Q0E=}
- name: provider
  user: {auth-provider: {name: gcp}}
- name: plugin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./bin/login
      args: [--for, me]
      env: [{name: A, value: b}]
      installHint: get it
      provideClusterInfo: true
      interactiveMode: IfAvailable
- name: asks
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}}
- name: alpha
  user: {exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}
contexts:
- name: dev
  context: {cluster: dev, user: cert, namespace: prod}
- {name: token, context: {cluster: inline, user: token}}
- {name: basic, context: {cluster: open, user: basic}}
- {name: nobody, context: {cluster: open}}
- {name: both, context: {cluster: both}}
- {name: proxied, context: {cluster: proxied}}
- {name: empty, context: {cluster: empty}}
- {name: half, context: {cluster: open, user: half}}
- {name: junk, context: {cluster: open, user: junk}}
- {name: provider, context: {cluster: open, user: provider}}
- {name: plugin, context: {cluster: open, user: plugin}}
- {name: asks, context: {cluster: open, user: asks}}
- {name: alpha, context: {cluster: open, user: alpha}}
- {name: lost, context: {cluster: gone}}
- {name: unknown, context: {cluster: open, user: gone}}
)";

struct KubeconfigTest : testing::Test {
  KubeconfigTest() {
    files.texts = {{"/k/config", kConfig},
                   {"/k/ca.crt", "CA"},
                   {"/k/pki/c.crt", "CERT"},
                   {"/abs/c.key", "KEY"}};
  }
  Files files;
  Result<ClientConfig> load(std::string context) {
    return load_client_config({.kubeconfig_flag = "/k/config", .context = std::move(context)},
                              files);
  }
  std::string error(std::string context) {
    const auto loaded = load(std::move(context));
    return loaded ? "ok" : loaded.error().to_string();
  }
};

TEST_F(KubeconfigTest, TakesTheCurrentContextAndPathsRelativeToTheFile) {
  const auto config = load("");
  ASSERT_TRUE(config.has_value()) << config.error().to_string();
  EXPECT_EQ(config->server, "https://10.0.0.1:6443");
  EXPECT_EQ(config->ca_pem, "CA");
  EXPECT_EQ(config->tls_server_name, "kubernetes");
  EXPECT_EQ(config->client_certificate_pem, "CERT");
  EXPECT_EQ(config->client_certificate_file, "/k/pki/c.crt");
  EXPECT_EQ(config->client_key_file, "/abs/c.key");
  EXPECT_EQ(config->client_key_pem, "KEY");
  EXPECT_EQ(config->namespace_name, "prod");
}

TEST_F(KubeconfigTest, TakesAnotherContextAndInlineData) {
  const auto config = load("token");
  ASSERT_TRUE(config.has_value()) << config.error().to_string();
  EXPECT_EQ(config->ca_pem, "CA");  // the file is not looked at
  EXPECT_EQ(config->token, "t");
  EXPECT_EQ(config->token_file, "/k/tok");
  EXPECT_EQ(config->impersonate_user, "jane");
  EXPECT_THAT(config->impersonate_groups, ElementsAre("a"));
  EXPECT_EQ(config->namespace_name, "default");
  EXPECT_EQ(load("basic")->password, "p");
  EXPECT_TRUE(load("nobody")->insecure_skip_tls_verify);
}

TEST_F(KubeconfigTest, TakesPlugins) {
  const auto config = load("plugin");
  ASSERT_TRUE(config.has_value()) << config.error().to_string();
  ASSERT_TRUE(config->exec.has_value());
  EXPECT_EQ(config->exec->command, "/k/./bin/login");
  EXPECT_THAT(config->exec->arguments, ElementsAre("--for", "me"));
  EXPECT_THAT(config->exec->environment, ElementsAre(testing::Pair("A", "b")));
  EXPECT_TRUE(config->exec->provide_cluster_info);
}

TEST_F(KubeconfigTest, NamesFileAndFieldOfWhatIsWrong) {
  EXPECT_EQ(error("none"), "InvalidArgument: kubeconfig: there is no context \"none\"");
  EXPECT_EQ(
      error("lost"),
      "InvalidArgument: /k/config: contexts[lost].context.cluster: there is no cluster \"gone\"");
  EXPECT_EQ(
      error("unknown"),
      "InvalidArgument: /k/config: contexts[unknown].context.user: there is no user \"gone\"");
  EXPECT_EQ(error("empty"),
            "InvalidArgument: /k/config: clusters[empty].cluster.server: Required value");
  EXPECT_EQ(
      error("proxied"),
      "Unsupported: /k/config: clusters[proxied].cluster.proxy-url: proxies are not supported");
  EXPECT_THAT(error("both"), HasSubstr("clusters[both].cluster.insecure-skip-tls-verify: may not"));
  EXPECT_THAT(error("half"),
              HasSubstr("users[half].user.client-key: a client certificate and its key"));
  EXPECT_THAT(error("junk"), HasSubstr("users[junk].user.client-certificate-data: not base64"));
  EXPECT_THAT(error("provider"),
              HasSubstr("Unsupported: /k/config: users[provider].user.auth-provider"));
  EXPECT_THAT(error("asks"), HasSubstr("users[asks].user.exec.interactiveMode"));
  EXPECT_THAT(error("alpha"), HasSubstr("users[alpha].user.exec.apiVersion"));
  files.texts.erase("/k/pki/c.crt");
  EXPECT_EQ(error("dev"),
            "NotFound: /k/config: users[cert].user.client-certificate: /k/pki/c.crt: No such file "
            "or directory");
}

TEST_F(KubeconfigTest, NamesTheLineOfWhatCannotBeRead) {
  const auto error_of = [](std::string_view text) {
    const auto parsed = parse_kubeconfig(text, "f");
    return parsed ? "ok" : parsed.error().to_string();
  };
  EXPECT_THAT(error_of("apiVersion: v1\nclusters:\n- name: a\n  cluster: 7\n"),
              HasSubstr("InvalidArgument: f:4: clusters[0].cluster: Invalid value"));
  EXPECT_THAT(error_of("kind: Pod\n"),
              HasSubstr("f:1: kind: Invalid value: \"Pod\": must be \"Config\""));
  EXPECT_THAT(error_of("users: [\n"), HasSubstr("f: line "));
  EXPECT_EQ(error_of(""), "ok");
}

TEST_F(KubeconfigTest, MergesFilesAsKubectlDoes) {
  files.texts["/a"] =
      R"({"current-context": "x", "clusters": [{"name": "c", "cluster": {"server": "https://one"}}]})";
  files.texts["/b"] =
      R"({"current-context": "y", "clusters": [{"name": "c", "cluster": {"server": "https://two"}}],
    "contexts": [{"name": "x", "context": {"cluster": "c"}}]})";
  const auto config = load_client_config({.kubeconfig_variable = "/missing::/a:/b"}, files);
  ASSERT_TRUE(config.has_value()) << config.error().to_string();
  EXPECT_EQ(config->server, "https://one");
  EXPECT_EQ(load_client_config({.kubeconfig_variable = "/missing"}, files).error().code(),
            ErrorCode::NotFound);
}

TEST_F(KubeconfigTest, ComesFromWhereKubectlLooks) {
  files.texts["/home/me/.kube/config"] =
      R"({"current-context": "x", "clusters": [{"name": "c", "cluster": {"server": "https://home"}}],
          "contexts": [{"name": "x", "context": {"cluster": "c"}}]})";
  const std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount";
  files.texts[folder + "/token"] = "t";
  files.texts[folder + "/ca.crt"] = "CA";
  files.texts[folder + "/namespace"] = "prod\n";
  const ConfigSources pod{.home = "/home/me", .service_host = "fd00::1", .service_port = "443"};
  const auto in_pod = load_client_config(pod, files);
  ASSERT_TRUE(in_pod.has_value()) << in_pod.error().to_string();
  EXPECT_EQ(in_pod->server, "https://[fd00::1]:443");
  EXPECT_EQ(in_pod->token_file, folder + "/token");
  EXPECT_EQ(in_pod->namespace_name, "prod");
  EXPECT_EQ(load_client_config({.home = "/home/me"}, files)->server, "https://home");
  EXPECT_THAT(load_client_config({}, files).error().to_string(),
              HasSubstr("NotFound: no kubeconfig"));
  EXPECT_THAT(load_client_config({.kubeconfig_flag = "/none"}, files).error().to_string(),
              HasSubstr("NotFound: reading kubeconfig: /none: "));
  EXPECT_EQ(in_cluster_config({}, files).error().code(), ErrorCode::NotFound);
  files.texts.erase(folder + "/token");
  EXPECT_THAT(load_client_config(pod, files).error().message(), HasSubstr("service account: "));
}

}  // namespace
}  // namespace kthena::kube
