// A gauge that counts what lives.
#pragma once

#include <memory>
#include <utility>

#include "telemetry/metrics.h"

namespace kthena::telemetry {

/// +1 on a gauge while it lives, so that it is taken back exactly once however a thing ends. Moves.
class GaugeHold {
 public:
  GaugeHold() = default;
  /// The gauge stays where it is, with what owns it: copies of one share a reference count with all
  /// threads. Null counts nothing.
  explicit GaugeHold(std::shared_ptr<const Gauge> gauge) noexcept : gauge_(std::move(gauge)) {
    if (gauge_ != nullptr) {
      gauge_->inc();
    }
  }
  GaugeHold(GaugeHold&&) noexcept = default;
  GaugeHold& operator=(GaugeHold&& other) noexcept {
    release();
    gauge_ = std::move(other.gauge_);
    return *this;
  }
  ~GaugeHold() { release(); }

  void release() noexcept {
    if (const auto gauge = std::exchange(gauge_, nullptr)) {
      gauge->dec();
    }
  }

 private:
  std::shared_ptr<const Gauge> gauge_;
};

}  // namespace kthena::telemetry
