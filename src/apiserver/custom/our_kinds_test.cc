// The manifests of test/integration/manifests against the definitions of our own kinds: what a real
// API server says of each, where only the schema is asked, is said here.
#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/registry.h"
#include "apiserver/custom/custom_kinds.h"
#include "apiserver/custom/custom_schema.h"
#include "apiserver/kinds/kind.h"
#include "base/clock.h"
#include "json/problem.h"
#include "json/value.h"
#include "json/yaml.h"
#include "kube/meta/admission.h"

namespace kthena::apiserver {
namespace {

const std::filesystem::path kManifests =
    std::filesystem::path(KTHENA_TESTDATA "/../../../../test/integration/manifests")
        .lexically_normal();

struct Case {
  std::string where;
  std::string refused;  ///< what an answer must hold; empty if the schema takes it
  json::Value object;
};

/// Documents of a folder; comments above each say what is expected.
std::vector<Case> cases_of(std::string_view folder) {
  std::vector<Case> cases;
  for (const auto& entry : std::filesystem::directory_iterator(kManifests / folder)) {
    std::stringstream buffer;
    buffer << std::ifstream(entry.path()).rdbuf();
    std::string text = buffer.str() + "\n---\n";
    for (std::size_t end = text.find("\n---\n"); end != std::string::npos;
         end = text.find("\n---\n")) {
      const std::string document = text.substr(0, end);
      text.erase(0, end + 5);
      const auto parsed = json::parse_yaml_documents(document);
      if (!parsed || parsed->empty()) {
        continue;
      }
      Case each{.where = entry.path().filename().string(),
                .refused = {},
                .object = parsed->front().value};
      constexpr std::string_view kRefused = "# refused: ";
      if (const std::size_t at = document.find(kRefused); at != std::string::npos) {
        const std::size_t from = at + kRefused.size();
        each.refused = document.substr(from, document.find('\n', at) - from);
      }
      cases.push_back(std::move(each));
    }
  }
  return cases;
}

class OurKinds : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const json::Value& definition : our_definitions(WallTime{})) {
      for (const KindPtr& kind : kinds_of(definition).value()) {
        kinds_[kind->kind] = kind;
      }
    }
  }

  /// All that is said of an object on its way to the storage. It gets its defaults.
  std::string said_of(json::Value& object, const json::Value* before = nullptr) const {
    const KindPtr& kind = kinds_.at(object.find("kind")->as_string());
    std::string said;
    std::vector<std::string> unknown;
    kind->custom_schema->prune(object, &unknown);
    for (const std::string& path : unknown) {
      said += "unknown field \"" + path + "\"\n";
    }
    kind->custom_schema->apply_defaults(object);
    std::vector<json::Problem> problems = kind->custom_schema->validate(object, before);
    if (problems.empty()) {  // then the rules are asked, which are code
      const api::KindDoor* door = api::find_kind(kind->api_version, kind->kind);
      // An update may also change what it must not: in a cluster that is a rule of the definition.
      const auto stage =
          before == nullptr ? kube::AdmissionStage::Webhook : kube::AdmissionStage::Whole;
      problems = door->review(object, before, stage).problems;
      std::erase_if(problems, [](const json::Problem& problem) {
        return problem.severity == json::Severity::Warning;
      });
      said += problems.empty() ? "" : "rules: ";
    }
    for (const json::Problem& problem : problems) {
      said += problem.to_string() + "\n";
    }
    return said;
  }

  std::map<std::string, KindPtr> kinds_;
};

TEST_F(OurKinds, TakeWhatTheApiServerTakes) {
  for (const std::string_view folder : {"accepted", "warned"}) {
    const std::vector<Case> cases = cases_of(folder);
    EXPECT_GT(cases.size(), 5U) << folder;
    for (const Case& each : cases) {
      json::Value object = each.object;
      EXPECT_EQ(said_of(object), "") << folder << "/" << each.where;
      const json::Value once = object;
      EXPECT_EQ(said_of(object, &once), "") << folder << "/" << each.where;
      EXPECT_EQ(object, once);
    }
  }
}

TEST_F(OurKinds, LeaveToTheirRulesWhatTheSchemaCannotSay) {
  for (const Case& each : cases_of("denied")) {
    if (each.refused.empty()) {
      json::Value object = each.object;
      const std::string said = said_of(object);
      EXPECT_TRUE(said.starts_with("rules: ")) << each.where << ": " << said;
    }
  }
}

TEST_F(OurKinds, RefuseWhatTheApiServerRefusesInItsWords) {
  std::size_t count = 0;
  for (const std::string_view folder : {"refused", "denied"}) {
    for (const Case& each : cases_of(folder)) {
      if (each.refused.empty()) {
        continue;
      }
      json::Value object = each.object;
      const std::string said = said_of(object);
      // Rules in code have words of their own.
      EXPECT_TRUE(said.contains(each.refused) || said.starts_with("rules: "))
          << each.where << " should be refused with\n  " << each.refused << "\nbut this is said:\n"
          << said;
      ++count;
    }
  }
  EXPECT_GT(count, 20U);
}

TEST_F(OurKinds, JudgeUpdatesAsTheApiServerDoes) {
  const std::vector<Case> cases = cases_of("updated");
  ASSERT_EQ(cases.size() % 2, 0U);
  for (std::size_t i = 0; i + 1 < cases.size(); i += 2) {
    json::Value before = cases[i].object;
    json::Value after = cases[i + 1].object;
    EXPECT_EQ(said_of(before), "") << cases[i].where;
    const std::string said = said_of(after, &before);
    if (!cases[i + 1].refused.empty()) {
      EXPECT_NE(said.find(cases[i + 1].refused), std::string::npos)
          << cases[i + 1].where << ": " << said;
    }
  }
}

}  // namespace
}  // namespace kthena::apiserver
