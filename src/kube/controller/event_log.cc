#include "kube/controller/event_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace kthena::kube {

namespace {

constexpr std::size_t kMostMessage = 1024;

std::string object_of(const ObjectReference& about) {
  return fmt::format("{}\n{}\n{}\n{}", about.kind, about.namespace_name, about.name, about.uid);
}

/// Cut between characters.
std::string_view head_of(std::string_view text, std::size_t most) {
  if (text.size() <= most) {
    return text;
  }
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) {
    --most;
  }
  return text.substr(0, most);
}

}  // namespace

std::string_view to_string(EventType type) noexcept {
  return type == EventType::Normal ? "Normal" : "Warning";
}

EventLog::EventLog(EventLogOptions options)
    : options_(std::move(options)),
      events_(options_.most_remembered),
      similar_(options_.most_remembered),
      budgets_(options_.most_remembered) {}

EventRecordPointer EventLog::note(const Occurrence& occurrence, Instant now, WallTime wall) {
  const std::string object = object_of(occurrence.about);
  const std::string kind_of_event =
      fmt::format("{}\n{}\n{}", object, to_string(occurrence.type), occurrence.reason);
  Occurrence told = occurrence;
  told.message = head_of(occurrence.message, kMostMessage);

  Similar& similar = similar_[kind_of_event];
  if (now - similar.since > options_.similar_within) {
    similar.messages.clear();
    similar.since = now;
  }
  std::string which = kind_of_event + "\n" + told.message;
  if (!similar.messages.contains(told.message)) {
    if (similar.messages.size() < options_.most_similar) {
      similar.messages.insert(told.message);
    } else {
      which = kind_of_event;
      told.message = fmt::format("(combined from similar events): {}",
                                 head_of(told.message, kMostMessage - 64));
    }
  }
  if (!take_token(object, now)) {
    omit(object, occurrence.about, now);
    return nullptr;
  }
  EventRecordPointer& record = events_[which];
  if (record == nullptr) {
    record = std::make_shared<EventRecord>(EventRecord{.event = make_event(told, wall)});
  } else {
    ++record->event.count;
    record->event.message = told.message;
    record->event.last_timestamp = Time::whole_seconds(wall);
  }
  return record;
}

Event EventLog::make_event(const Occurrence& occurrence, WallTime wall) {
  const ObjectReference& about = occurrence.about;
  Event event;
  event.metadata.namespace_name = about.namespace_name.empty() ? "default" : about.namespace_name;
  // Unique: another process writes other nanoseconds, this one another number.
  event.metadata.name =
      fmt::format("{}.{:x}", head_of(about.name, 200),
                  static_cast<std::uint64_t>(wall.time_since_epoch().count()) + sequence_++);
  event.involved_object = about;
  event.reason = occurrence.reason;
  event.message = occurrence.message;
  event.type = to_string(occurrence.type);
  event.source = {.component = options_.component, .host = options_.host};
  event.count = 1;
  event.first_timestamp = event.last_timestamp = Time::whole_seconds(wall);
  return event;
}

bool EventLog::take_token(const std::string& object, Instant now) {
  Budget& budget = budgets_[object];
  if (budget.tokens < 0) {
    budget.tokens = options_.burst;
  } else {
    const double more = std::chrono::duration<double>(now - budget.at) /
                        std::chrono::duration<double>(options_.one_more_every);
    budget.tokens = std::min(options_.burst, budget.tokens + more);
  }
  budget.at = now;
  if (budget.tokens < 1) {
    return false;
  }
  budget.tokens -= 1;
  return true;
}

void EventLog::omit(const std::string& object, const ObjectReference& about, Instant now) {
  Omitted& omitted = omitted_[object];
  if (omitted.count++ == 0) {
    omitted.about = about;
    omitted.tell_at = now + options_.one_more_every;
  }
}

void EventLog::give_up(const ObjectReference& about, Instant now) {
  omit(object_of(about), about, now);
}

std::optional<Instant> EventLog::next_omitted() const {
  std::optional<Instant> next;
  for (const auto& [object, omitted] : omitted_) {
    next = next ? std::min(*next, omitted.tell_at) : omitted.tell_at;
  }
  return next;
}

std::vector<EventRecordPointer> EventLog::omitted(Instant now, WallTime wall) {
  std::vector<EventRecordPointer> records;
  std::erase_if(omitted_, [&](const auto& entry) {
    const auto& [object, omitted] = entry;
    if (now < omitted.tell_at) {
      return false;
    }
    records.push_back(std::make_shared<EventRecord>(EventRecord{
        .event = make_event({.about = omitted.about,
                             .type = EventType::Warning,
                             .reason = "EventsOmitted",
                             .message = fmt::format("{} more events of this object were not "
                                                    "recorded: too many in a short time",
                                                    omitted.count)},
                            wall)}));
    return true;
  });
  return records;
}

}  // namespace kthena::kube
