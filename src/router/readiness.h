// Whether the router may be sent requests, and if not, what it waits for. Set by the control
// thread, read by all.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace kthena::router {

class Readiness {
 public:
  void set_synced() noexcept { synced_.store(true, std::memory_order_release); }
  void set_stopping() noexcept { stopping_.store(true, std::memory_order_release); }
  /// The objects of a kind are to be read from a cluster, or have been read.
  void set_awaited(std::string_view kind) noexcept { awaited_.fetch_or(bit_of(kind)); }
  void set_known(std::string_view kind) noexcept { awaited_.fetch_and(~bit_of(kind)); }

  /// Whether the objects that routing needs are known.
  bool synced() const noexcept { return synced_.load(std::memory_order_acquire); }
  bool stopping() const noexcept { return stopping_.load(std::memory_order_acquire); }
  bool ready() const noexcept { return synced() && !stopping(); }
  /// "ModelRoute, Pod"; empty if none is awaited.
  std::string awaited() const;

 private:
  static constexpr std::array<std::string_view, 4> kKinds{"ModelRoute", "ModelServer", "Pod",
                                                          "EndpointSlice"};
  static std::uint32_t bit_of(std::string_view kind) noexcept;

  std::atomic<bool> synced_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint32_t> awaited_ = 0;
};

}  // namespace kthena::router
