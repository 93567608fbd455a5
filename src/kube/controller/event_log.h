// What becomes of occurrences: which event each of them is, how often it was, and which are too
// many to be written. No I/O.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "kube/types/event.h"

namespace kthena::kube {

/// A map of at most so many entries; the least recently used ones are forgotten.
template <class V>
class RecentMap {
 public:
  explicit RecentMap(std::size_t most) : most_(most) {}

  /// The entry of that key, made if it is not there, as the most recent one.
  V& operator[](const std::string& key) {
    if (const auto found = places_.find(key); found != places_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->second;
    }
    entries_.emplace_front(key, V{});
    places_[key] = entries_.begin();
    if (entries_.size() > most_) {
      places_.erase(entries_.back().first);
      entries_.pop_back();
    }
    return entries_.front().second;
  }
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  std::size_t most_;
  std::list<std::pair<std::string, V>> entries_;  // the most recent first
  std::unordered_map<std::string, typename std::list<std::pair<std::string, V>>::iterator> places_;
};

enum class EventType : std::uint8_t { Normal, Warning };
std::string_view to_string(EventType type) noexcept;

/// Something that has happened to an object.
struct Occurrence {
  ObjectReference about;
  EventType type = EventType::Normal;
  std::string reason;   ///< one word, UpperCamelCase
  std::string message;  ///< for people; at most 1 KiB is kept
};

/// An event as it should be on the server.
struct EventRecord {
  Event event;
  bool on_server = false;  ///< it was created there
  bool queued = false;     ///< is to be written
};
using EventRecordPointer = std::shared_ptr<EventRecord>;

struct EventLogOptions {
  std::string component;  ///< "modelserving-controller"
  std::string host;
  /// Different messages of one object, type and reason within `similar_within` before the further
  /// ones become one event.
  std::size_t most_similar = 10;
  Duration similar_within = std::chrono::minutes(10);
  /// Events an object may have at once, and how fast there may be more.
  double burst = 25;
  Duration one_more_every = std::chrono::minutes(5);
  std::size_t most_remembered = 4096;  ///< events, and objects
};

/// Equal occurrences are one event with a count; many similar ones are combined; and what is too
/// much for one object is counted, and told of in an event of its own as soon as there may be one.
/// So nothing goes unsaid.
class EventLog {
 public:
  explicit EventLog(EventLogOptions options);

  /// The event that is to be written; null if it is one too many, see omitted().
  EventRecordPointer note(const Occurrence& occurrence, Instant now, WallTime wall);

  /// Counts an event that could not be written as omitted.
  void give_up(const ObjectReference& about, Instant now);

  /// When omitted() has something to say next; nothing if nothing was omitted.
  std::optional<Instant> next_omitted() const;
  /// For each object of which events were omitted and that may have one again: an event that says
  /// how many.
  std::vector<EventRecordPointer> omitted(Instant now, WallTime wall);

 private:
  struct Similar {
    std::set<std::string> messages;
    Instant since{};
  };
  struct Budget {
    double tokens = -1;  // below 0: not used yet
    Instant at{};
    ObjectReference about;
  };
  struct Omitted {
    std::uint64_t count = 0;
    ObjectReference about;
    Instant tell_at{};
  };

  bool take_token(const std::string& object, Instant now);
  Event make_event(const Occurrence& occurrence, WallTime wall);
  void omit(const std::string& object, const ObjectReference& about, Instant now);

  EventLogOptions options_;
  RecentMap<EventRecordPointer> events_;
  RecentMap<Similar> similar_;
  RecentMap<Budget> budgets_;
  std::unordered_map<std::string, Omitted> omitted_;
  std::uint64_t sequence_ = 0;
};

}  // namespace kthena::kube
