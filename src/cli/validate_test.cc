#include "cli/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/commands.h"
#include "json/parse.h"
#include "json/path.h"

namespace kthena::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view kRoute = R"(apiVersion: networking.serving.volcano.sh/v1alpha1
kind: ModelRoute
metadata:
  name: gemma
spec:
  modelName: gemma
  rules:
  - targetModels:
    - modelServerName: gemma
)";

class ValidateTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = testing::TempDir() + "kthena-validate-XXXXXX";
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    directory_ = path;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string write(const std::string& name, std::string_view text) {
    const std::filesystem::path path = directory_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  struct Outcome {
    int status;
    std::string out;
    std::string err;
  };
  static Outcome run(std::vector<std::string> arguments, std::string_view input = "") {
    std::vector<std::string_view> views{"validate"};
    views.insert(views.end(), arguments.begin(), arguments.end());
    std::istringstream in{std::string(input)};
    std::ostringstream out;
    std::ostringstream err;
    const int status = cli::run(views, {.in = in, .out = out, .err = err});
    return {.status = status, .out = out.str(), .err = err.str()};
  }
  /// What is said of a text, without the line of totals.
  static std::string said(std::string_view text) {
    const std::string out = run({"-"}, text).out;
    return out.substr(0, out.rfind('\n', out.size() - 2) + 1);
  }

  std::filesystem::path directory_;
};

TEST_F(ValidateTest, TakesAGoodFile) {
  const Outcome outcome = run({write("route.yaml", kRoute)});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "1 file, 1 object: 0 errors, 0 warnings\n");
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(ValidateTest, NamesLineFieldAndWhatToDo) {
  const std::string file = write("bad.yaml", std::string(kRoute) +
                                                 "      weight: 101\n"
                                                 "  - name: empty\n");
  const Outcome outcome = run({file});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out,
            file +
                ":10: spec.rules[0].targetModels[0].weight: Invalid value: 101: "
                "spec.rules[0].targetModels[0].weight in body should be less than or equal to "
                "100\n" +
                file + ":11: spec.rules[1].targetModels: Required value\n    add the field\n" +
                "1 file, 1 object: 2 errors, 0 warnings\n");
}

TEST_F(ValidateTest, CountsWarningsAsErrorsOnlyIfStrict) {
  const std::string file = write("typo.yaml", std::string(kRoute) + "  rateLimits: {}\n");
  EXPECT_EQ(run({file}).status, 0);
  const Outcome strict = run({"--strict", file});
  EXPECT_EQ(strict.status, 1);
  EXPECT_THAT(strict.out, StartsWith(file + ":10: warning: unknown field \"spec.rateLimits\""));
  EXPECT_THAT(strict.out, HasSubstr("1 file, 1 object: 0 errors, 1 warning\n"));
}

TEST_F(ValidateTest, ReadsDirectoriesAtAnyDepthByName) {
  write("b/two.yml", kRoute);
  write("a.json", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}})");
  write("b/readme.txt", "{ not yaml");
  const Outcome outcome = run({directory_.string()});
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.out, "2 files, 2 objects: 0 errors, 0 warnings\n");
}

TEST_F(ValidateTest, ReadsTheStandardInput) {
  EXPECT_EQ(run({"-"}, kRoute).status, 0);
  const Outcome bad = run({"-"}, "kind: ModelRoute\n");
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.out, StartsWith("<stdin>:1: apiVersion: Required value\n"));
}

TEST_F(ValidateTest, PrintsJsonForEditors) {
  const Outcome outcome =
      run({"-o", "json", "-"}, std::string(kRoute) + "  rateLimit: {unit: week}\n");
  EXPECT_EQ(outcome.status, 1);
  const json::Value report = json::parse(outcome.out).value();
  EXPECT_EQ(*report.find("errors"), json::Value(1));
  EXPECT_EQ(*json::find_path(report, "findings[0].file"), json::Value("<stdin>"));
  EXPECT_EQ(*json::find_path(report, "findings[0].line"), json::Value(10));
  EXPECT_EQ(*json::find_path(report, "findings[0].severity"), json::Value("error"));
  EXPECT_EQ(*json::find_path(report, "findings[0].path"), json::Value("spec.rateLimit.unit"));
  EXPECT_EQ(json::find_path(report, "findings[0].message")->as_string(),
            "Unsupported value: \"week\": supported values: \"second\", \"minute\", \"hour\", "
            "\"day\", \"month\"");
  EXPECT_EQ(*json::find_path(report, "findings[0].advice"),
            json::Value("use one of the supported values"));
  EXPECT_EQ(
      run({"--output=json", "-"}, kRoute).out,
      R"({"files":1,"objects":1,"unchecked":0,"errors":0,"warnings":0,"findings":[],"unreadable":[]})"
      "\n");
}

TEST_F(ValidateTest, LetsBuiltInKindsPass) {
  EXPECT_EQ(said("{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}"), "");
  EXPECT_EQ(said("{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: d}}"),
            "");
  EXPECT_EQ(said("{apiVersion: v1, kind: Service, metadata: {name: d}, spec: {ports: []}}"), "");
  EXPECT_THAT(said("{apiVersion: v1, kind: Service, metadata: {name: d}, spec: {ports: 1}}"),
              StartsWith("<stdin>:1: spec.ports: Invalid value: \"integer\""));
}

TEST_F(ValidateTest, WarnsOfKindsItDoesNotKnow) {
  EXPECT_EQ(said("apiVersion: example.com/v1\nkind: Widget\n"),
            "<stdin>:2: warning: Widget of example.com/v1 is not read here\n");
}

TEST_F(ValidateTest, KnowsAllKindsOfOurGroups) {
  EXPECT_THAT(said("apiVersion: networking.serving.volcano.sh/v1alpha1\nkind: ModelRoutes\n"),
              StartsWith("<stdin>:2: kind: Unsupported value: \"ModelRoutes\": supported values: "
                         "\"ExternalModelProvider\", \"ModelRoute\", \"ModelServer\"\n"));
  EXPECT_THAT(said("apiVersion: networking.serving.volcano.sh/v1\nkind: ModelRoute\n"),
              StartsWith("<stdin>:1: apiVersion: Unsupported value: "
                         "\"networking.serving.volcano.sh/v1\""));
}

TEST_F(ValidateTest, AppliesRulesAndDefaultsOfAllOurKinds) {
  EXPECT_THAT(said(R"(apiVersion: workload.serving.volcano.sh/v1alpha1
kind: ModelServing
metadata: {name: m}
spec:
  template:
    roles:
    - name: Big
      workerReplicas: 0
      entryTemplate: {}
)"),
              HasSubstr("<stdin>:7: spec.template.roles[0].name: Invalid value: \"Big\": role name "
                        "must be a valid DNS-1035 label"));
  EXPECT_THAT(said(R"(apiVersion: workload.serving.volcano.sh/v1alpha1
kind: ModelBooster
metadata: {name: m}
spec:
  backend:
    name: b
    type: vLLM
    modelURI: hf://a/b
    minReplicas: 1
    maxReplicas: 2
    workers: [{image: i}]
)"),
              HasSubstr("<stdin>:9: spec.backend.minReplicas: Invalid value: 1: minReplicas and "
                        "maxReplicas must be equal and > 0 when no autoscaling is set\n"));
}

TEST_F(ValidateTest, SaysWhereYamlIsBroken) {
  EXPECT_THAT(said("a: b\nc: [\n"), StartsWith("<stdin>:"));
  EXPECT_EQ(run({"-"}, "a: b\nc: [\n").status, 1);
  EXPECT_THAT(said("kind: A\napiVersion: b\nkind: C\n"), StartsWith("<stdin>:3: "));
}

TEST_F(ValidateTest, SaysThatTemplatesMustBeRendered) {
  EXPECT_EQ(
      said("kind: A\nmetadata:\n  name: {{ .Values.name }}\n"),
      "<stdin>:3: a name must be a scalar; text that begins with '{' or '[' needs quotes; '{{' "
      "is the mark of a template, which must be rendered first\n");
  EXPECT_THAT(said("{{- if .Values.x }}\nkind: A\n{{- end }}\n"), HasSubstr("rendered first"));
}

TEST_F(ValidateTest, ReadsFilesOfOtherSystems) {
  std::string windows = "\xef\xbb\xbf";
  for (const char c : kRoute) {
    windows += c == '\n' ? "\r\n" : std::string(1, c);
  }
  EXPECT_EQ(run({"--strict", "-"}, windows).out, "1 file, 1 object: 0 errors, 0 warnings\n");
}

TEST_F(ValidateTest, WarnsOfFilesWithoutObjects) {
  const std::string warning = "<stdin>: warning: there is no object in it\n";
  for (const std::string_view text :
       {"", "---\n# all gone\n---\n", "apiVersion: v1\nkind: List\nitems: []\n"}) {
    EXPECT_EQ(said(text), warning) << text;
  }
  EXPECT_EQ(run({"-"}, "").status, 0);
  EXPECT_EQ(run({"--strict", "-"}, "").status, 1);
}

TEST_F(ValidateTest, CountsWhatItDoesNotCheck) {
  const Outcome outcome =
      run({"-"}, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}}\n---\n" +
                     std::string(kRoute));
  EXPECT_EQ(outcome.out, "1 file, 2 objects (1 not checked): 0 errors, 0 warnings\n");
}

TEST_F(ValidateTest, SaysWhenThereIsMoreThanItTells) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += "---\nkind: ModelRoute\n";
  }
  EXPECT_THAT(said(text), HasSubstr(": there is more: only the first 255 findings of a file are "
                                    "told\n"));
}

TEST_F(ValidateTest, RefusesFilesThatAreTooLarge) {
  const std::string file = write("large.yaml", std::string(20UL << 20, '#'));
  const Outcome outcome = run({file});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, StartsWith(file + ": the file is larger than 16 MiB\n"));
}

TEST_F(ValidateTest, SaysWhatItCannotReadAndReadsTheRest) {
  const std::string missing = (directory_ / "no.yaml").string();
  const Outcome outcome = run({missing, write("route.yaml", kRoute)});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "kthena validate: " + missing + ": No such file or directory\n");
  EXPECT_EQ(outcome.out, "1 file, 1 object: 0 errors, 0 warnings\n");
}

TEST_F(ValidateTest, PassesOverWhatIsHidden) {
  write("route.yaml", kRoute);
  write(".git/x.yaml", "a: [");
  write("sub/.#route.yaml", "a: [");
  EXPECT_EQ(run({directory_.string()}).out, "1 file, 1 object: 0 errors, 0 warnings\n");
  EXPECT_EQ(run({(directory_ / ".git").string()}).status, 1);  // it was asked for
}

TEST_F(ValidateTest, FollowsLinksToFilesOnly) {
  write("a/route.yaml", kRoute);
  std::filesystem::create_directory_symlink("..", directory_ / "a" / "up");
  std::filesystem::create_directory_symlink("..", directory_ / "a" / "up.yaml");
  std::filesystem::create_symlink("a/route.yaml", directory_ / "same.yaml");
  EXPECT_EQ(run({directory_.string()}).out, "2 files, 2 objects: 0 errors, 0 warnings\n");
  std::filesystem::create_symlink("gone.yaml", directory_ / "a" / "link.yaml");
  const Outcome outcome = run({directory_.string()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "kthena validate: " + (directory_ / "a" / "link.yaml").string() +
                             ": a link that leads nowhere\n");
  EXPECT_EQ(outcome.out, "2 files, 2 objects: 0 errors, 0 warnings\n");
}

TEST_F(ValidateTest, WantsManifestsInADirectory) {
  write("empty/readme.txt", "x");
  const Outcome outcome = run({(directory_ / "empty").string()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("no *.yaml, *.yml or *.json in this directory"));
}

TEST_F(ValidateTest, RefusesArgumentsItDoesNotKnow) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--strickt", "-"},
                                             {"--strict=yes", "-"},
                                             {"-o", "xml", "-"},
                                             {"-oyaml", "-"},
                                             {"-", "--output"},
                                             {""},
                                             {}}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, StartsWith("kthena validate: "));
    EXPECT_THAT(outcome.out, IsEmpty());
  }
  EXPECT_EQ(run({"--strickt", "-"}).err,
            "kthena validate: unknown flag --strickt; --help tells more\n");
}

TEST_F(ValidateTest, TakesEverythingAfterTwoDashesForAFile) {
  EXPECT_THAT(run({"--", "--strict"}).err, HasSubstr("--strict: No such file or directory"));
}

TEST_F(ValidateTest, ExplainsItself) {
  EXPECT_THAT(run({"--help"}).out, StartsWith("kthena validate - "));
  EXPECT_EQ(run({"--help"}).status, 0);
}

TEST(Commands, NameWhatThereIs) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const Streams streams{.in = in, .out = out, .err = err};
  const std::string_view help[] = {"--help"};
  EXPECT_EQ(run(help, streams), 0);
  EXPECT_THAT(out.str(), HasSubstr("validate"));
  const std::string_view wrong[] = {"valdate"};
  EXPECT_EQ(run(wrong, streams), 2);
  EXPECT_THAT(err.str(), StartsWith("kthena: there is no command 'valdate'"));
  EXPECT_EQ(run({}, streams), 2);
}

constexpr std::string_view kServer = R"(apiVersion: networking.serving.volcano.sh/v1alpha1
kind: ModelServer
metadata:
  name: gema
spec:
  inferenceEngine: vLLM
  workloadPort: {port: 8000}
  workloadSelector: {matchLabels: {app: gemma}}
)";

TEST_F(ValidateTest, SaysWhichTargetIsNotAmongTheFiles) {
  const std::string route = write("a/route.yaml", kRoute);
  EXPECT_THAT(run({route}).out, HasSubstr("0 errors, 0 warnings"));  // it may be in the cluster
  write("a/server.yaml", kServer);
  const Outcome outcome = run({(directory_ / "a").string()});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(
      outcome.out,
      HasSubstr(route + ":9: warning: spec.rules[0].targetModels[0].modelServerName: Not found: "
                        "\"gemma\": there is no ModelServer of that name in namespace default\n"
                        "    correct the name, or add the object to the files\n"));
  EXPECT_THAT(outcome.out, HasSubstr("2 files, 2 objects: 0 errors, 1 warning"));
  std::string right(kServer);
  right.replace(right.find("gema"), 4, "gemma");
  write("a/server.yaml", right);
  EXPECT_THAT(run({"--strict", (directory_ / "a").string()}).out, HasSubstr(" 0 warnings"));
}

}  // namespace
}  // namespace kthena::cli
