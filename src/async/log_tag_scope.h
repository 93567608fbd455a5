// What a task says about itself in each line of the log.
#pragma once

#include <string_view>

#include "async/task.h"
#include "telemetry/log_tags.h"

namespace kthena::async {

/// Adds tags to what the coroutine logs until the end of the block, with all that it awaits there
/// and all that runs in scopes made there:
///
///     LogTagScope tags(co_await this_task());
///     tags.add("request_id", call.id);       // the text lives longer than the block
///
/// At most LogTags::kMost tags a scope; blocks nest.
class LogTagScope {
 public:
  explicit LogTagScope(PromiseBase& task) noexcept
      : context_(*task.context), tags_(context_.log_tags()) {
    apply(&tags_);
  }
  ~LogTagScope() { apply(tags_.outer()); }
  LogTagScope(const LogTagScope&) = delete;
  LogTagScope& operator=(const LogTagScope&) = delete;

  void add(std::string_view key, std::string_view value) noexcept { tags_.add(key, value); }

 private:
  void apply(const telemetry::LogTags* tags) noexcept {
    context_.set_log_tags(tags);
    telemetry::exchange_current_tags(tags);
  }
  Context& context_;
  telemetry::LogTags tags_;
};

}  // namespace kthena::async
