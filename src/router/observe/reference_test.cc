// docs/reference/ shows what the code does.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "router/observe/metrics.h"
#include "router/testing/golden.h"
#include "telemetry/metrics_parse.h"

namespace kthena::router {
namespace {

const std::string kReference = std::string(KTHENA_TESTDATA) + "/../../../docs/reference/";

struct Family {
  std::string help;
  std::string type;
  std::vector<std::string> labels;
  std::vector<std::string> bounds;
};

/// Makes a series of each family.
std::string page_with_all_families() {
  telemetry::Registry registry;
  const RouterMetrics metrics(registry);
  const AccessLog access_log(nullptr, AccessLogFormat::Text);
  const auto dropped = count_dropped_lines(registry, access_log);
  metrics.active_downstream_requests.with({"m"});
  metrics.active_upstream_requests.with({"s", "r", "t", "s", "u"});
  metrics.requests.with({"m", "p", "200", "e", "r", "t", "s", "u"});
  metrics.request_duration.with({"m", "p", "200", "r", "t", "s", "u"});
  metrics.time_to_first_token.with({"m", "p", "r", "t", "s", "u"});
  metrics.tokens.with({"m", "p", "input", "r", "t", "s", "u"});
  metrics.upstream_retries.with({"r", "t", "s", "u"});
  std::string text;
  registry.print(text);
  return text;
}

/// The word up to the next blank; takes it and the blank off.
std::string take_word(std::string& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  std::string word = line.substr(0, end);
  line.erase(0, end + 1);
  return word;
}

void read_sample(std::map<std::string, Family>& families, const std::string& line) {
  telemetry::MetricLineReader reader;
  ASSERT_EQ(reader.read(line), telemetry::MetricLineReader::Line::Sample) << line;
  std::string name(reader.sample().name);
  for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
    const std::string base = name.substr(0, name.size() - std::min(name.size(), suffix.size()));
    if (name.ends_with(suffix) && families.contains(base)) {
      name = base;
    }
  }
  ASSERT_TRUE(families.contains(name)) << line;
  Family& family = families[name];
  family.labels.clear();
  for (const auto& label : reader.sample().labels) {
    if (label.name == "le") {
      family.bounds.emplace_back(label.value);
    } else {
      family.labels.emplace_back(label.name);
    }
  }
}

std::map<std::string, Family> read_families(const std::string& page) {
  std::map<std::string, Family> families;
  std::istringstream stream(page);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with('#')) {
      read_sample(families, line);
      continue;
    }
    line.erase(0, 2);
    const std::string what = take_word(line);
    const std::string name = take_word(line);
    (what == "HELP" ? families[name].help : families[name].type) = line;
  }
  return families;
}

std::string join(const std::vector<std::string>& words, std::string_view before,
                 std::string_view after) {
  std::string text;
  for (const std::string& word : words) {
    text += text.empty() ? "" : ", ";
    text.append(before).append(word).append(after);
  }
  return text;
}

TEST(Reference, ShowsTheMetricsThatTheRouterHas) {
  std::string table = "\n| family | type | labels | what |\n| --- | --- | --- | --- |\n";
  for (const auto& [name, family] : read_families(page_with_all_families())) {
    table += "| `" + name + "` | " + family.type + " | " + join(family.labels, "`", "`") + " | " +
             family.help;
    table += family.bounds.empty() ? "" : " Buckets: " + join(family.bounds, "", "") + ".";
    table += " |\n";
  }
  const std::string path = kReference + "metrics.md";
  std::string page = testing::read_file(path);
  constexpr std::string_view kBegin = "<!-- printed by the code -->\n";
  const std::size_t begin = page.find(kBegin);
  const std::size_t end = page.find("<!-- end -->");
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos && begin < end);
  page.replace(begin + kBegin.size(), end - begin - kBegin.size(), table + "\n");
  testing::expect_golden(path, page);
}

}  // namespace
}  // namespace kthena::router
