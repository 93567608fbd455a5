// The text formats in which metrics are read: byte for byte as Prometheus' own clients write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kthena::telemetry {

enum class Exposition : std::uint8_t {
  Text,         ///< Prometheus text format 0.0.4
  OpenMetrics,  ///< OpenMetrics 1.0.0
};

/// The format for an Accept header: OpenMetrics if it is asked for, and not less than text.
Exposition choose_exposition(std::string_view accept);
/// The Content-Type of a format.
std::string_view content_type(Exposition format);

/// Appends a number as Go's strconv.FormatFloat(f, 'g', -1, 64) does: "0.005", "1", "1e+06",
/// "+Inf", "NaN". In OpenMetrics an integer gets a point: "1.0".
void append_number(std::string& out, double number, Exposition format);

/// Appends a label value's text with \ " and line end escaped, without quotes.
void append_label_value(std::string& out, std::string_view value);

/// Appends `# HELP` and `# TYPE`.
/// @param type  "counter", "gauge" or "histogram"
void append_family_head(std::string& out, std::string_view name, std::string_view help,
                        std::string_view type, Exposition format);

/// Appends `name{labels} number`. `labels` is the inside of the braces, or empty. `whole`: the
/// number counts something that OpenMetrics writes as an integer.
enum class Whole : bool { No, Yes };
void append_sample(std::string& out, std::string_view name, std::string_view labels, double number,
                   Exposition format, Whole whole = Whole::No);

/// What ends a whole text.
void append_end(std::string& out, Exposition format);

}  // namespace kthena::telemetry
