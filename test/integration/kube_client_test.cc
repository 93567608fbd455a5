// The client against a real API server, found by KUBECONFIG; run by tools/testbed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/combine.h"
#include "async/process.h"
#include "async/scope.h"
#include "async/time.h"
#include "json/parse.h"
#include "kube/client/client.h"
#include "kube/client/discovery.h"
#include "kube/client/exec.h"
#include "kube/client/exec_credentials.h"
#include "kube/client/port_forward.h"
#include "kube/types/lease.h"
#include "kube/types/pod.h"
#include "server_test.h"

namespace kthena::kube {
namespace {

using namespace std::chrono_literals;
using async::Task;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using testing::kNamespace;
using testing::value_of;
using testing::variable;

class KubeClientTest : public testing::ServerTest {};

TEST_F(KubeClientTest, CreatesReadsReplacesAndDeletesTypedObjects) {
  Lease lease{.metadata = {.name = "l", .namespace_name = space_}};
  lease.spec.holder_identity = "a";
  Lease created = ok(client().create(lease));
  EXPECT_FALSE(created.metadata.uid.empty());
  EXPECT_EQ(code(client().create(lease)), ErrorCode::AlreadyExists);
  EXPECT_EQ(ok(client().get<Lease>(key("l"))), created);

  Lease changed = created;
  changed.spec.holder_identity = "b";
  changed = ok(client().update(changed));
  EXPECT_EQ(changed.spec.holder_identity, "b");
  EXPECT_EQ(code(client().update(created)), ErrorCode::Conflict);  // of an old version

  EXPECT_EQ(code(client().remove<Lease>(key("l"), {.uid = "other"})), ErrorCode::Conflict);
  ok(client().remove<Lease>(key("l"), {.uid = created.metadata.uid}));
  EXPECT_EQ(code(client().get<Lease>(key("l"))), ErrorCode::NotFound);
  EXPECT_EQ(code(client().remove<Lease>(key("l"))), ErrorCode::NotFound);
}

TEST_F(KubeClientTest, TakesKindsThatItOnlyDiscovered) {
  const auto resources = ok(discover(client()));
  const DynamicResource* found = find_resource(resources, "cm");
  ASSERT_NE(found, nullptr);
  const ResourceType type = found->type();
  EXPECT_EQ(type.kind, "ConfigMap");
  EXPECT_NE(find_resource(resources, "leases.coordination.k8s.io"), nullptr);
  EXPECT_TRUE(find_resource(resources, "po")->has_status());
  EXPECT_EQ(find_resource(resources, "nodes")->scope, Scope::Cluster);

  json::Value object = value_of(
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1"}})");
  object.find("metadata")->set("namespace", space_);
  json::Value created = ok(client().create(type, object));
  created.find("data")->set("b", "2");
  const json::Value updated = ok(client().update(type, created));
  EXPECT_EQ(ok(client().get(type, key("c"))), updated);
  ok(client().remove(type, key("c")));
  EXPECT_EQ(code(client().get(type, key("c"))), ErrorCode::NotFound);
}

TEST_F(KubeClientTest, PatchesInEveryWay) {
  ok(client().create(config_map("c", {{"a", "1"}, {"b", "2"}})));
  const auto patched = [&](PatchType type, std::string_view body) {
    return ok(client().patch<ConfigMap>(key("c"), type, value_of(body))).data;
  };
  EXPECT_EQ(patched(PatchType::Json, R"([{"op":"replace","path":"/data/a","value":"3"}])"),
            (Texts{{"a", "3"}, {"b", "2"}}));
  EXPECT_EQ(patched(PatchType::Merge, R"({"data":{"a":null,"c":"4"}})"),
            (Texts{{"b", "2"}, {"c", "4"}}));
  EXPECT_EQ(patched(PatchType::StrategicMerge, R"({"data":{"$patch":"replace","d":"5"}})"),
            (Texts{{"d", "5"}}));
  EXPECT_EQ(
      code(client().patch<ConfigMap>(key("c"), PatchType::Json,
                                     value_of(R"([{"op":"test","path":"/data/d","value":"6"}])"))),
      ErrorCode::InvalidArgument);
}

TEST_F(KubeClientTest, AppliesAndNamesWhoOwnsAField) {
  const auto apply = [&](std::string_view manager, std::string_view data, Force force = Force::No) {
    json::Value fields;
    fields.set("data", value_of(data));
    return run(client().apply<ConfigMap>(key("c"), std::move(fields),
                                         {.field_manager = std::string(manager), .force = force}));
  };
  EXPECT_EQ(apply("one", R"({"a":"1"})")->data, (Texts{{"a", "1"}}));
  EXPECT_EQ(apply("two", R"({"b":"2"})")->data, (Texts{{"a", "1"}, {"b", "2"}}));
  const auto conflict = apply("two", R"({"a":"3"})");
  ASSERT_FALSE(conflict.has_value());
  EXPECT_EQ(conflict.error().code(), ErrorCode::Conflict);
  EXPECT_THAT(conflict.error().message(), HasSubstr(".data.a"));
  EXPECT_THAT(conflict.error().message(), HasSubstr("one"));
  EXPECT_EQ(apply("two", R"({"a":"3"})", Force::Yes)->data, (Texts{{"a", "3"}}));
}

TEST_F(KubeClientTest, WritesNothingInADryRun) {
  EXPECT_FALSE(ok(client().create(config_map("c"), {.dry_run = DryRun::Yes})).metadata.uid.empty());
  EXPECT_EQ(code(client().get<ConfigMap>(key("c"))), ErrorCode::NotFound);
  ok(client().create(config_map("c")));
  ok(client().remove<ConfigMap>(key("c"), {.dry_run = DryRun::Yes}));
  ok(client().get<ConfigMap>(key("c")));
}

TEST_F(KubeClientTest, DeletesWhatASelectorSelects) {
  for (const char* name : {"a", "b", "c"}) {
    ConfigMap object = config_map(name);
    object.metadata.labels["kind"] = *name == 'c' ? "kept" : "gone";
    ok(client().create(object));
  }
  Selection gone = here();
  gone.label_selector = "kind in (gone)";
  ok(client().remove_collection(ConfigMap::kResource, {.selection = gone}));
  std::vector<std::string> names;
  for (const ConfigMap& object : ok(client().list<ConfigMap>({.selection = here()})).items) {
    names.push_back(object.metadata.name);
  }
  EXPECT_THAT(names, ::testing::Contains("c"));
  EXPECT_THAT(names, ::testing::Not(::testing::Contains("a")));
}

Task<Result<>> create_many(Client& client, std::string space, int first, int count) {
  for (int i = first; i < first + count; ++i) {
    ConfigMap object{.metadata = {.name = "c" + std::to_string(i), .namespace_name = space}};
    object.metadata.labels["many"] = "yes";
    CO_TRY(co_await client.create(object));
  }
  co_return {};
}

TEST_F(KubeClientTest, ListsAThousandObjectsInPages) {
  std::vector<Task<Result<>>> tasks;
  for (int i = 0; i < 10; ++i) {
    tasks.push_back(create_many(client(), space_, i * 100, 100));
  }
  for (const auto& result : run(async::when_all(std::move(tasks)))) {
    ASSERT_TRUE(result.has_value()) << result.error().to_string();
  }
  Selection many = here();
  many.label_selector = "many=yes";
  const auto first = ok(client().list<ConfigMap>({.selection = many, .limit = 300}));
  EXPECT_THAT(first.items, SizeIs(300));
  EXPECT_FALSE(first.metadata.continue_token.empty());
  const auto all = ok(client().list_all<ConfigMap>({.selection = many}, 300));
  EXPECT_THAT(all.items, SizeIs(1000));
  EXPECT_FALSE(all.metadata.resource_version.empty());
}

/// The events of objects until `count` were seen or the watch ended.
Task<Result<std::vector<std::string>>> watch_some(Client& client, WatchOptions options,
                                                  std::size_t count, std::string& version) {
  const async::DeadlineScope limit(co_await async::this_task(), 30s);
  std::vector<std::string> seen;
  auto watch = CO_TRY(co_await client.watch(ConfigMap::kResource, std::move(options)));
  while (seen.size() < count) {
    const auto event = CO_TRY(co_await watch.next());
    if (!event) {
      seen.emplace_back("end");
      break;
    }
    if (event->type == WatchEventType::Bookmark) {
      version = event->resource_version;
      if (event->initial_events_end) {
        seen.emplace_back("all");
      }
      continue;
    }
    const auto object = CO_TRY(json::read_object<ConfigMap>(event->object));
    version = object.metadata.resource_version;
    seen.push_back(std::string(to_string(event->type)) + " " + object.metadata.name);
  }
  co_return seen;
}

TEST_F(KubeClientTest, WatchesOnFromAVersionAndHearsWhenItIsGone) {
  Selection mine = here();
  mine.label_selector = "mine";
  std::string version = ok(client().list<ConfigMap>({.selection = mine})).metadata.resource_version;
  const auto create = [&](const char* name) {
    ConfigMap object = config_map(name);
    object.metadata.labels["mine"] = "";
    ok(client().create(object));
  };
  create("a");
  create("b");
  const auto watch = [&](std::string from, std::size_t count) {
    return run(watch_some(client(), {.selection = mine, .resource_version = std::move(from)}, count,
                          version));
  };
  EXPECT_THAT(*watch(version, 1), ElementsAre("ADDED a"));
  EXPECT_THAT(*watch(version, 1), ElementsAre("ADDED b"));  // resumed: nothing twice
  ok(client().patch<ConfigMap>(key("a"), PatchType::Merge, value_of(R"({"data":{"x":"y"}})")));
  ok(client().remove<ConfigMap>(key("b")));
  EXPECT_THAT(*watch(version, 2), ElementsAre("MODIFIED a", "DELETED b"));
  EXPECT_THAT(
      ok(watch_some(client(), {.selection = mine, .send_initial_events = true}, 2, version)),
      ElementsAre("ADDED a", "all"));
  EXPECT_THAT(
      ok(watch_some(client(), {.selection = mine, .resource_version = version, .timeout = 1s}, 9,
                    version)),
      ElementsAre("end"));
  if (!variable("KTHENA_TESTBED_COMPACT").empty()) {
    ok(testing::tell_server(commands_, "KTHENA_TESTBED_COMPACT"));
  }
  EXPECT_EQ(watch("1", 1).error().code(), ErrorCode::Expired);
}

TEST_F(KubeClientTest, SaysWhyThereAreNoLogsAndNoShell) {
  ok(client().create(
      Pod::kResource,
      value_of(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":")" + space_ +
               R"("},"spec":{"containers":[{"name":"c","image":"none"}]}})")));
  EXPECT_EQ(code(client().logs(key("p"), {.container = "other"})), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(client().logs(key("q"), {})), ErrorCode::NotFound);
  const auto shell = run(ExecSession::start(client(), key("p"), {.command = {"sh"}}));
  ASSERT_FALSE(shell.has_value());
  EXPECT_THAT(shell.error().message(), HasSubstr("host"));
  EXPECT_EQ(code(ExecSession::start(client(), key("q"), {.command = {"sh"}})), ErrorCode::NotFound);
  EXPECT_EQ(code(PortForward::connect(client(), key("q"), 80)), ErrorCode::NotFound);
}

TEST_F(KubeClientTest, RefusesBadObjectsByTheNameOfTheField) {
  const auto bad = run(client().create(
      Pod::kResource,
      value_of(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":")" + space_ +
               R"("},"spec":{"containers":[{"name":"C!","image":"none"}]}})")));
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().code(), ErrorCode::InvalidArgument);
  EXPECT_THAT(bad.error().message(), HasSubstr("spec.containers[0].name"));
}

TEST_F(KubeClientTest, HearsWarnings) {
  std::vector<std::string> warnings;
  ClientOptions options;
  options.on_warning = [&](std::string_view text) { warnings.emplace_back(text); };
  const auto warned = connect(*config("admin"), std::move(options));
  json::Value object =
      value_of(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"w"},"dta":{"a":"1"}})");
  object.find("metadata")->set("namespace", space_);
  ok(warned->create(ConfigMap::kResource, object, {.validation = FieldValidation::Warn}));
  EXPECT_THAT(warnings, ElementsAre("unknown field \"dta\""));
  EXPECT_EQ(
      code(warned->create(ConfigMap::kResource, object, {.validation = FieldValidation::Strict})),
      ErrorCode::InvalidArgument);
}

TEST_F(KubeClientTest, ShowsCertificatesTokensAndPlugins) {
  const auto can_read = [&](const ClientConfig& config) {
    const auto read = run(connect(config)->get(kNamespace, {"", space_}));
    return read ? std::string("ok") : std::string(to_string(read.error().code()));
  };
  EXPECT_EQ(can_read(*config("admin-certificate")), "ok");
  EXPECT_EQ(can_read(*config("user")), "PermissionDenied");
  ClientConfig admin = *config("admin");
  EXPECT_EQ(can_read(admin), "ok");
  ClientConfig wrong = admin;
  wrong.token = "wrong";
  EXPECT_EQ(can_read(wrong), "Unauthenticated");
  ClientConfig untrusted = admin;
  untrusted.ca_pem.clear();
  EXPECT_EQ(can_read(untrusted), "Unavailable");

  ClientConfig plugin = admin;
  plugin.token.clear();
  plugin.exec = ExecPlugin{
      .api_version = "client.authentication.k8s.io/v1",
      .command = "sh",
      .arguments =
          {"-c", R"(echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",)"
                 R"("status":{"token":"'$TOKEN'"}}')"},
      .environment = {{"TOKEN", admin.token}}};
  async::ProcessRunner runner(*loop_);
  const auto by_plugin = *Client::create(network_, resolver_, plugin, {},
                                         std::make_unique<ExecCredentials>(*loop_, runner, plugin));
  ok(by_plugin->get(kNamespace, {"", space_}));
}

TEST_F(KubeClientTest, KnowsTheServersVersion) {
  EXPECT_THAT(ok(server_version(client())), ::testing::StartsWith("v1."));
}

}  // namespace
}  // namespace kthena::kube
