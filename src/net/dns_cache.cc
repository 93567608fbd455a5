#include "net/dns_cache.h"

#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"

namespace kthena::net {

const DnsCache::Answer* DnsCache::find(const std::string& key, Instant now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    return nullptr;
  }
  if (found->second->until <= now) {
    entries_.erase(found);
    return nullptr;
  }
  by_use_.push_back(*found->second);
  return &found->second->answer;
}

void DnsCache::insert(const std::string& key, Answer answer, Instant until) {
  if (capacity_ == 0) {
    return;
  }
  const auto [place, is_new] = entries_.try_emplace(key);
  place->second = std::make_unique<Entry>(&place->first, std::move(answer), until);
  by_use_.push_back(*place->second);
  if (is_new && entries_.size() > capacity_) {
    entries_.erase(entries_.find(*by_use_.front().key));
  }
}

}  // namespace kthena::net
