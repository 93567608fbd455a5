// The series that a shard counts in, found by their labels without a lock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/string_map.h"
#include "router/datastore/snapshot.h"
#include "telemetry/metrics.h"

namespace kthena::router {

struct RouterMetrics;

/// The label values that say where a call went.
struct Destination {
  std::string_view model_route = "none";
  std::string_view backend_type = "unresolved";
  std::string_view backend_name = "none";
  std::string_view upstream_model = "none";
};

/// What calls of one model and path to one destination are counted in. Belongs to one shard.
struct CallSeries {
  telemetry::Gauge active_upstream;  ///< empty for calls that reached no destination
  telemetry::Counter retries;        ///< likewise

  // Filled when they are first needed, so that there are no series of zeros.
  std::optional<telemetry::Counter> input_tokens;
  std::optional<telemetry::Counter> output_tokens;
  std::optional<telemetry::Histogram> first_token;
  struct End {
    int status = 0;
    std::string_view reason;
    telemetry::Counter requests;
    telemetry::Histogram duration;
  };
  std::vector<End> ends;  ///< a handful
};

enum class TokenType : std::uint8_t { Input, Output };

/// Belongs to one shard.
class SeriesTable {
 public:
  explicit SeriesTable(const RouterMetrics& metrics) : metrics_(metrics) {}

  struct Labels {
    std::string_view model;
    std::string_view path;
    Destination to;
  };
  std::shared_ptr<CallSeries> find(const Labels& labels);
  std::shared_ptr<const telemetry::Gauge> find_active(std::string_view model);

  // `labels` are those by which `series` was found.
  void add_tokens(CallSeries& series, const Labels& labels, TokenType type,
                  std::uint64_t tokens) const;
  void observe_first_token(CallSeries& series, const Labels& labels, Duration after) const;
  /// @param reason  one of the program's words, which outlive the table
  void count_end(CallSeries& series, const Labels& labels, int status, std::string_view reason,
                 Duration took) const;

  /// Forgets the series, some of which may have been removed from the registry. Calls go on with
  /// those that they hold.
  void clear() noexcept;

 private:
  std::shared_ptr<CallSeries> make(const Labels& labels) const;
  const CallSeries::End& end_of(CallSeries& series, const Labels& labels, int status,
                                std::string_view reason) const;

  const RouterMetrics& metrics_;
  StringMap<std::shared_ptr<CallSeries>> series_;  ///< by all label values, joined
  StringMap<std::shared_ptr<const telemetry::Gauge>> active_;
  std::string key_;
};

}  // namespace kthena::router
