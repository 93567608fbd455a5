#include "api/workload/v1alpha1/model_booster_engine.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/print.h"
#include "json/problem.h"

namespace kthena::api::workload {
namespace {

using networking::KvConnectorType;

ModelWorker worker(WorkerType type, std::string_view config = "null") {
  return {.type = type, .config = json::parse(config).value()};
}
ModelBackend backend(std::vector<ModelWorker> workers) {
  return {.name = "be", .workers = std::move(workers)};
}

TEST(EnginePort, IsWhatTheConfigsSay) {
  EXPECT_EQ(engine_port(backend({})), 8000);
  EXPECT_EQ(engine_port(backend({worker(WorkerType::Server)})), 8000);
  EXPECT_EQ(engine_port(backend({worker(WorkerType::Server, "{}")})), 8000);
  for (const char* config : {R"({"port": 9000})", R"({"port": "9000"})", R"({"port": 9000.0})",
                             R"({"port": "+9000"})"}) {
    EXPECT_EQ(engine_port(backend({worker(WorkerType::Server, config)})), 9000) << config;
  }
  EXPECT_EQ(engine_port(backend({worker(WorkerType::Prefill, R"({"port": 9000})"),
                                 worker(WorkerType::Decode, R"({"port": "9000"})"),
                                 worker(WorkerType::Coordinator, R"({"port": 1})")})),
            9000);
}

TEST(EnginePort, NamesTheWorkerThatDisagrees) {
  const auto fault = engine_port(backend({worker(WorkerType::Prefill, R"({"port": 9000})"),
                                          worker(WorkerType::Decode)}))
                         .error();
  EXPECT_EQ(fault.worker, 1U);
  EXPECT_EQ(fault.message, "workers use different engine ports: 9000 and 8000");
}

TEST(EnginePort, RefusesWhatIsNoPort) {
  for (const char* port : {"null", "0", "65536", "-1", "1.5", "true", R"("")", R"(" 80")",
                           R"("+-1")", "[]", "1e300"}) {
    const auto found = engine_port(
        backend({worker(WorkerType::Prefill, R"({"port": )" + std::string(port) + "}")}));
    ASSERT_FALSE(found.has_value()) << port;
    EXPECT_EQ(found.error().worker, 0U);
    EXPECT_TRUE(found.error().message.starts_with("invalid port \"")) << found.error().message;
    EXPECT_TRUE(found.error().message.ends_with(" for worker prefill")) << found.error().message;
  }
  EXPECT_EQ(engine_port(backend({worker(WorkerType::Server, R"("text")")})).error().message,
            "invalid config for worker server: it must be an object");
}

/// The config of a worker whose kv-transfer-config is that text.
std::string transfer(std::string_view text) {
  json::Value config;
  config.set("kv-transfer-config", text);
  return json::print(config);
}
std::string says(std::string_view connector, std::string_view role) {
  return transfer(R"({"kv_connector":")" + std::string(connector) + R"(","kv_role":")" +
                  std::string(role) + "\"}");
}

TEST(KvConnector, IsWhatPrefillAndDecodeAgreeOn) {
  struct Case {
    std::string prefill, decode;
    std::optional<KvConnectorType> type;
  };
  const std::vector<Case> cases = {
      {"null", "null", std::nullopt},
      {"{}", R"({"port": 1})", std::nullopt},
      {says("NixlConnector", "kv_producer"), says("NixlConnector", "kv_consumer"),
       KvConnectorType::Nixl},
      {says("NixlConnector", "kv_both"), says("NixlConnector", "kv_both"), KvConnectorType::Nixl},
      {says("MooncakeConnector", "kv_producer"), says("MooncakeConnectorV1", "kv_consumer"),
       KvConnectorType::Mooncake},
      {says("LMCacheConnectorV1", "kv_producer"), says("LMCacheConnectorV1", "kv_consumer"),
       KvConnectorType::Lmcache},
      {R"({"kv-transfer-config": {"kv_connector": "NixlConnector", "kv_role": "kv_both"}})",
       says("NixlConnector", "kv_both"), KvConnectorType::Nixl},
  };
  for (const Case& c : cases) {
    const ModelWorker prefill = worker(WorkerType::Prefill, c.prefill);
    const ModelWorker decode = worker(WorkerType::Decode, c.decode);
    EXPECT_EQ(kv_connector(backend({prefill, decode})).value(), c.type) << c.prefill;
    EXPECT_EQ(kv_connector(backend({decode, prefill})).value(), c.type) << c.prefill;
  }
  EXPECT_EQ(kv_connector(backend({worker(WorkerType::Server, R"("nonsense")")})).value(),
            std::nullopt);
}

TEST(KvConnector, SaysWhatDoesNotFit) {
  const std::string nixl = says("NixlConnector", "kv_both");
  struct Case {
    std::vector<ModelWorker> workers;
    std::string message;
  };
  const auto prefill = [](const std::string& config) {
    return worker(WorkerType::Prefill, config);
  };
  const auto decode = [](const std::string& config) { return worker(WorkerType::Decode, config); };
  const std::vector<Case> cases = {
      {{prefill("null"), prefill("null")},
       "backend be: found 2 prefill workers, expected at most 1"},
      {{prefill(nixl), decode(nixl), decode(nixl)},
       "backend be: found 2 decode workers, expected at most 1"},
      {{prefill("[]"), decode(nixl)},
       "worker prefill: invalid config: it must be an object, got array"},
      {{prefill(R"({"kv-transfer-config": 1})"), decode(nixl)},
       "worker prefill: kv-transfer-config must be a JSON string, got number"},
      {{prefill(R"({"kv-transfer-config": null})"), decode(nixl)},
       "worker prefill: kv-transfer-config must be a JSON string, got null"},
      {{prefill(transfer("[]")), decode(nixl)},
       "worker prefill: invalid kv-transfer-config: it must be an object, got array"},
      {{prefill(transfer("{\"kv_role\":\"kv_both\"}")), decode(nixl)},
       "worker prefill: kv_connector is missing"},
      {{prefill(transfer("{\"kv_connector\":1}")), decode(nixl)},
       "worker prefill: kv_connector is missing"},
      {{prefill(says("Other", "kv_both")), decode(nixl)},
       "worker prefill: unsupported kv_connector \"Other\" (supported: LMCacheConnectorV1, "
       "MooncakeConnector, MooncakeConnectorV1, NixlConnector)"},
      {{prefill(transfer("{\"kv_connector\":\"NixlConnector\"}")), decode(nixl)},
       "worker prefill: kv_role is missing"},
      {{prefill(says("NixlConnector", "kv_consumer")), decode(nixl)},
       "worker prefill: invalid kv_role \"kv_consumer\", expected one of [kv_producer, kv_both]"},
      {{prefill(nixl), decode(says("NixlConnector", "kv_producer"))},
       "worker decode: invalid kv_role \"kv_producer\", expected one of [kv_consumer, kv_both]"},
      {{prefill(nixl), decode("{}")}, "backend be: decode worker has no kv-transfer-config"},
      {{decode(nixl)}, "backend be: prefill worker has no kv-transfer-config"},
      {{decode(says("MooncakeConnector", "kv_both")), prefill(nixl)},
       "backend be: kv_connector mismatch between prefill (\"NixlConnector\") and decode "
       "(\"MooncakeConnector\") workers"},
  };
  for (const Case& c : cases) {
    const auto found = kv_connector(backend(c.workers));
    ASSERT_FALSE(found.has_value()) << c.message;
    EXPECT_EQ(found.error().message(), c.message);
  }
  const auto malformed = kv_connector(backend({prefill(transfer("{")), decode(nixl)}));
  EXPECT_TRUE(
      malformed.error().message().starts_with("worker prefill: invalid kv-transfer-config: "));
}

}  // namespace
}  // namespace kthena::api::workload
