// Reads the Prometheus text format: what engines answer on /metrics. Tolerant: a line that cannot
// be read is skipped and counted, the rest counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kthena::telemetry {

/// One sample. All texts are valid until the reader goes on.
struct MetricSample {
  struct Label {
    std::string_view name;
    std::string_view value;  ///< unescaped
  };
  std::string_view name;          ///< without labels: "vllm:num_requests_running"
  std::span<const Label> labels;  ///< in the order of the line
  double value = 0;
  /// As written: milliseconds in the text format, seconds in OpenMetrics.
  std::optional<double> timestamp;

  /// The value of a label; nothing if the sample has none of that name.
  std::optional<std::string_view> label(std::string_view label_name) const {
    for (const Label& entry : labels) {
      if (entry.name == label_name) {
        return entry.value;
      }
    }
    return std::nullopt;
  }
};

/// Reads one line after the other. Knows the text format 0.0.4, names in quotes (UTF-8 names:
/// `{"name", label="v"}`), and of OpenMetrics 1.0 what differs in samples: fractions in timestamps,
/// exemplars (which are left out).
/// Sources: Prometheus exposition formats; OpenMetrics 1.0.
class MetricLineReader {
 public:
  static constexpr std::size_t kMostLineBytes = std::size_t{64} << 10;
  static constexpr std::size_t kMostLabels = 64;

  enum class Line : std::uint8_t { Sample, Comment, Malformed };  // Comment: also an empty line

  /// Reads a line without its end. After Sample, sample() is what it says; after Malformed,
  /// reason() says what is wrong.
  Line read(std::string_view line);

  const MetricSample& sample() const noexcept { return sample_; }
  std::string_view reason() const noexcept { return reason_; }

 private:
  Line malformed(std::string_view reason) {
    reason_ = reason;
    return Line::Malformed;
  }
  bool read_labels(std::string_view& rest);
  bool read_label(std::string_view& rest);
  bool read_quoted(std::string_view& rest, std::string_view& text);
  bool read_numbers(std::string_view rest);
  bool wrong(std::string_view reason) {
    reason_ = reason;
    return false;
  }

  MetricSample sample_;
  std::vector<MetricSample::Label> labels_;
  std::string unescaped_;  // room for all unescaped values of a line; does not move while reading
  std::string_view reason_;
};

/// Cuts a stream into lines. The samples do not depend on how the stream was cut into pieces.
/// Memory is bounded by a line; a line that is too long is skipped.
class MetricReader {
 public:
  /// Calls `visit(const MetricSample&)` for each sample whose line ended in this piece.
  template <class Visit>
  void feed(std::string_view piece, Visit&& visit) {
    std::string_view line;
    while (next_line(piece, line)) {
      take(line, visit);
    }
  }

  /// Reads the last line if it has no end, and gets ready for the next text.
  template <class Visit>
  void finish(Visit&& visit) {
    std::string_view line;
    if (last_line(line)) {
      take(line, visit);
    }
  }

  /// Lines that could not be read, over all texts, and the first of them: "line 7: no value".
  std::size_t skipped() const noexcept { return skipped_; }
  const std::string& first_problem() const noexcept { return first_problem_; }

 private:
  template <class Visit>
  void take(std::string_view line, Visit&& visit) {
    if (read(line)) {
      visit(line_reader_.sample());
    }
  }
  bool next_line(std::string_view& piece, std::string_view& line);
  bool last_line(std::string_view& line);
  bool read(std::string_view line);
  void skip(std::string_view reason);

  MetricLineReader line_reader_;
  std::string partial_;            // a line whose end has not come yet
  bool is_partial_taken_ = false;  // partial_ was given out as a line
  bool is_too_long_ = false;
  std::size_t line_number_ = 0;
  std::size_t skipped_ = 0;
  std::string first_problem_;
};

/// Reads a whole text. Returns how many lines were skipped.
template <class Visit>
std::size_t read_metrics(std::string_view text, Visit&& visit) {
  MetricReader reader;
  reader.feed(text, visit);
  reader.finish(visit);
  return reader.skipped();
}

}  // namespace kthena::telemetry
