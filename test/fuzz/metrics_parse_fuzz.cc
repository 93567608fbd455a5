// The reader of /metrics: the samples of a text must not depend on how it is cut, must lie within
// its bounds, and must read back from what we print of them.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/strings.h"
#include "telemetry/exposition.h"
#include "telemetry/metrics_parse.h"

namespace kthena::telemetry {
namespace {

struct Sample {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
  std::optional<double> timestamp;

  explicit Sample(const MetricSample& sample)
      : name(sample.name), value(sample.value), timestamp(sample.timestamp) {
    CHECK(!name.empty());
    CHECK_LE(sample.labels.size(), MetricLineReader::kMostLabels);
    for (const auto& [label, label_value] : sample.labels) {
      CHECK(!label.empty());
      labels.emplace_back(label, label_value);
    }
  }

  bool operator==(const Sample& other) const {
    const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
    return name == other.name && labels == other.labels && same(value, other.value) &&
           timestamp.has_value() == other.timestamp.has_value() &&
           (!timestamp || same(*timestamp, *other.timestamp));
  }
};

struct Outcome {
  std::vector<Sample> samples;
  std::size_t skipped = 0;
  std::string first_problem;
  bool operator==(const Outcome&) const = default;
};

Outcome read_in_pieces(std::string_view text, std::size_t piece) {
  Outcome outcome;
  MetricReader reader;
  const auto take = [&](const MetricSample& sample) { outcome.samples.emplace_back(sample); };
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    reader.feed(text.substr(0, piece), take);
  }
  reader.finish(take);
  outcome.skipped = reader.skipped();
  outcome.first_problem = reader.first_problem();
  return outcome;
}

/// The sample as we print it, with all names in quotes.
std::string print(const Sample& sample) {
  std::string out = "{\"";
  append_label_value(out, sample.name);
  out += '"';
  for (const auto& [label, value] : sample.labels) {
    out += ",\"";
    append_label_value(out, label);
    out += "\"=\"";
    append_label_value(out, value);
    out += '"';
  }
  out += "} ";
  append_number(out, sample.value, Exposition::Text);
  if (sample.timestamp) {
    out += ' ';
    append_number(out, *sample.timestamp, Exposition::Text);
  }
  return out;
}

}  // namespace
}  // namespace kthena::telemetry

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kthena;
  using namespace kthena::telemetry;
  if (size == 0) {
    return 0;
  }
  const std::size_t piece = data[0] % 64 + 1U;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read_in_pieces(text, SIZE_MAX);
  CHECK(read_in_pieces(text, piece) == whole);
  for (const Sample& sample : whole.samples) {
    const std::string line = print(sample);
    if (line.size() <= MetricLineReader::kMostLineBytes) {
      const Outcome again = read_in_pieces(line, SIZE_MAX);
      CHECK_EQ(again.samples.size(), 1U);
      CHECK(again.samples.front() == sample);
    }
  }
  return 0;
}
