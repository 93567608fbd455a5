// What is known about names, until when. Bounded: the least recently used are forgotten.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/list.h"
#include "base/result.h"
#include "net/address.h"

namespace kthena::net {

/// One shard. Time is passed in.
class DnsCache {
 public:
  using Answer = Result<std::vector<IpAddress>>;

  explicit DnsCache(std::size_t capacity) : capacity_(capacity) {}

  /// Null if nothing is known at `now`. Valid until the next insert().
  const Answer* find(const std::string& key, Instant now);
  void insert(const std::string& key, Answer answer, Instant until);
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry : ListNode {
    Entry(const std::string* entry_key, Answer entry_answer, Instant end)
        : key(entry_key), answer(std::move(entry_answer)), until(end) {}
    const std::string* key;  // in the map
    Answer answer;
    Instant until;
  };
  std::size_t capacity_;
  std::unordered_map<std::string, std::unique_ptr<Entry>> entries_;
  List<Entry> by_use_;  // the least recently used first
};

}  // namespace kthena::net
