#include "telemetry/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "base/strings.h"
#include "telemetry/line_sink.h"
#include "telemetry/log_format.h"
#include "telemetry/log_tags.h"
#include "telemetry/log_target.h"

namespace kthena::log {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 4> kLevelNames = {"error", "warn", "info", "debug"};
constexpr Duration kCloseTime = 1s;
constexpr Duration kAbortFlushTime = 200ms;

constinit std::atomic<LineTarget*> current_target = nullptr;

const Clock& machine_clock() {
  static const RealClock clock;
  return clock;
}

/// Lines of a process that has no output yet: written at once, and an error is nobody's to hear.
void write_to_stderr(std::string line) noexcept {
  line += '\n';
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

void flush_before_abort() {
  if (LineTarget* target = current_target.load(std::memory_order_acquire)) {
    target->flush_before_abort();
  }
}

}  // namespace

std::string_view to_string(Level level) noexcept {
  return kLevelNames[static_cast<std::size_t>(level)];
}

Result<Level> parse_level(std::string_view text) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (equals_ignore_case(text, kLevelNames[i])) {
      return static_cast<Level>(i);
    }
  }
  return fail(ErrorCode::InvalidArgument, "unknown log level \"" + std::string(text.substr(0, 64)) +
                                              "\": use error, warn, info or debug");
}

Result<Format> parse_format(std::string_view text) {
  if (equals_ignore_case(text, "text")) {
    return Format::Text;
  }
  if (equals_ignore_case(text, "json")) {
    return Format::Json;
  }
  return fail(ErrorCode::InvalidArgument,
              "unknown log format \"" + std::string(text.substr(0, 64)) + "\": use text or json");
}

LineTarget::LineTarget(Format format, const Clock* clock)
    : format_(format), clock_(clock != nullptr ? *clock : machine_clock()) {}

LineTarget* exchange_target(LineTarget* target) noexcept {
  return current_target.exchange(target, std::memory_order_acq_rel);
}

void detail::emit(Level level, std::string_view message, const Field* fields,
                  std::size_t count) noexcept {
  LineTarget* target = current_target.load(std::memory_order_acquire);
  const Clock& clock = target != nullptr ? target->clock() : machine_clock();
  const Record record{.time = clock.wall_now(),
                      .level = level,
                      .message = message,
                      .fields = std::span(fields, count),
                      .tags = telemetry::current_tags()};
  std::string line;
  line.reserve(512);
  if (target != nullptr && target->format() == Format::Json) {
    append_json(line, record);
  } else {
    append_text(line, record);
  }
  if (target != nullptr) {
    target->write_line(line);
  } else {
    write_to_stderr(std::move(line));
  }
}

class Output::Target final : public LineTarget {
 public:
  Target(const Options& options) : LineTarget(options.format, options.clock) {}  // NOLINT

  void write_line(std::string_view line) noexcept override { sink_->write(line); }
  void flush_before_abort() noexcept override { sink_->flush(kAbortFlushTime); }

  /// The line about lines that were lost.
  std::string drop_notice(std::uint64_t count) const {
    const Field field = kv("count", count);
    const Record record{.time = clock().wall_now(),
                        .level = Level::Warn,
                        .message = "log lines were dropped",
                        .fields = std::span(&field, 1),
                        .tags = nullptr};
    std::string line;
    if (format() == Format::Json) {
      append_json(line, record);
    } else {
      append_text(line, record);
    }
    return line;
  }

  void set_sink(std::unique_ptr<telemetry::LineSink> sink) { sink_ = std::move(sink); }
  telemetry::LineSink& sink() { return *sink_; }

  /// A target is never deleted: a thread that outlives its output may be about to use it. Its
  /// thread and file are gone, lines are refused.
  static Target& keep(std::unique_ptr<Target> target) {
    static std::mutex mutex;
    static auto& kept = *new std::vector<std::unique_ptr<Target>>();
    const std::lock_guard lock(mutex);
    return *kept.emplace_back(std::move(target));
  }

 private:
  std::unique_ptr<telemetry::LineSink> sink_;
};

Result<std::unique_ptr<Output>> Output::start(const Options& options) {
  auto made = std::make_unique<Target>(options);
  made->set_sink(TRY(telemetry::LineSink::create(
      options.destination, {.capacity = options.capacity,
                            .thread_name = "log-writer",
                            .drop_notice = [target = made.get()](std::uint64_t count) {
                              return target->drop_notice(count);
                            }})));
  Target& target = Target::keep(std::move(made));
  CHECK(exchange_target(&target) == nullptr);
  set_level(options.level);
  set_check_failure_handler(&flush_before_abort);
  return std::unique_ptr<Output>(new Output(&target));
}

Output::~Output() {
  exchange_target(nullptr);
  target_->sink().close(kCloseTime);
}

void Output::reopen() noexcept { target_->sink().reopen(); }
bool Output::flush(Duration at_most) { return target_->sink().flush(at_most); }
std::uint64_t Output::dropped() const noexcept { return target_->sink().dropped(); }

}  // namespace kthena::log
