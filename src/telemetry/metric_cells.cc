#include "telemetry/metric_cells.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"

namespace kthena::telemetry::detail {
namespace {

// A slot is what one thread at a time writes to: a directory of chunks of cells. A cell has the
// same index in all slots; a chunk comes into being in a slot when the thread first adds there. So
// the numbers of one thread lie close together, and no cache line is written by two.
constexpr std::uint32_t kChunkCells = 2048;
constexpr std::uint32_t kMostChunks = 2048;
constexpr std::size_t kOwnSlots = 64;
constexpr std::size_t kSharedSlot = kOwnSlots;   // of all further threads
constexpr std::size_t kSetSlot = kOwnSlots + 1;  // what set_cell() sets
constexpr std::size_t kSlots = kOwnSlots + 2;

using Cell = std::atomic<double>;
static_assert(Cell::is_always_lock_free);
struct alignas(64) Chunk {
  std::array<Cell, kChunkCells> cells{};
};

struct alignas(64) Slot {
  std::array<std::atomic<Chunk*>, kMostChunks> chunks{};

  const Cell* find(CellIndex cell) const noexcept {
    const Chunk* chunk = chunks[cell / kChunkCells].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr : &chunk->cells[cell % kChunkCells];
  }
  Cell* find(CellIndex cell) noexcept { return const_cast<Cell*>(std::as_const(*this).find(cell)); }

  Cell& at(CellIndex cell) noexcept {
    std::atomic<Chunk*>& place = chunks[cell / kChunkCells];
    Chunk* chunk = place.load(std::memory_order_acquire);
    if (chunk == nullptr) [[unlikely]] {
      chunk = make_chunk(place);
    }
    return chunk->cells[cell % kChunkCells];
  }

  static Chunk* make_chunk(std::atomic<Chunk*>& place) {
    auto* made = new Chunk();
    Chunk* found = nullptr;
    if (place.compare_exchange_strong(found, made, std::memory_order_acq_rel)) {
      return made;
    }
    delete made;
    return found;
  }
};

// Never destroyed: threads and static objects may count until the very end.
constinit std::array<Slot, kSlots> slots{};
/// Slots below this number have been in use.
constinit std::atomic<std::size_t> slots_used = 0;

/// Which own slots are free, and which cells.
struct Allocator {
  std::mutex mutex;
  std::vector<std::size_t> free_slots;
  std::size_t next_slot = 0;
  std::map<std::uint32_t, std::vector<CellIndex>> free_cells;  // by count
  CellIndex next_cell = 0;
};

Allocator& allocator() {
  static auto& instance = *new Allocator();
  return instance;
}

constinit thread_local Slot* this_slot = nullptr;

/// Gives the slot back when the thread ends: the next thread goes on from its numbers.
struct SlotLease {
  SlotLease() {
    Allocator& all = allocator();
    const std::lock_guard lock(all.mutex);
    if (!all.free_slots.empty()) {
      number = all.free_slots.back();
      all.free_slots.pop_back();
    } else if (all.next_slot < kOwnSlots) {
      number = all.next_slot++;
      slots_used.store(all.next_slot, std::memory_order_release);
    }
    this_slot = &slots[number];
  }
  ~SlotLease() {
    this_slot = &slots[kSharedSlot];
    if (number != kSharedSlot) {
      Allocator& all = allocator();
      const std::lock_guard lock(all.mutex);
      all.free_slots.push_back(number);
    }
  }
  SlotLease(const SlotLease&) = delete;
  SlotLease& operator=(const SlotLease&) = delete;

  std::size_t number = kSharedSlot;
};

Slot& slot_of_this_thread() noexcept {
  if (this_slot == nullptr) [[unlikely]] {
    thread_local const SlotLease lease;
  }
  return *this_slot;
}

void add(Slot& slot, CellIndex index, double amount) noexcept {
  Cell& cell = slot.at(index);
  if (&slot == &slots[kSharedSlot]) [[unlikely]] {
    cell.fetch_add(amount, std::memory_order_relaxed);
  } else {
    cell.store(cell.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
}

template <class Visit>
void for_each_slot(Visit&& visit) {
  const std::size_t own = slots_used.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < own; ++i) {
    visit(slots[i]);
  }
  visit(slots[kSharedSlot]);
  visit(slots[kSetSlot]);
}

}  // namespace

std::optional<CellIndex> allocate_cells(std::uint32_t count) {
  CHECK(count > 0 && count <= kChunkCells);
  Allocator& all = allocator();
  const std::lock_guard lock(all.mutex);
  if (const auto free = all.free_cells.find(count);
      free != all.free_cells.end() && !free->second.empty()) {
    const CellIndex first = free->second.back();
    free->second.pop_back();
    return first;
  }
  CellIndex first = all.next_cell;
  if (first / kChunkCells != (first + count - 1) / kChunkCells) {
    first = (first / kChunkCells + 1) * kChunkCells;  // a series lies in one chunk
  }
  if (first + count > kMostChunks * kChunkCells) {
    return std::nullopt;
  }
  all.next_cell = first + count;
  return first;
}

void free_cells(CellIndex first, std::uint32_t count) noexcept {
  for_each_slot([&](Slot& slot) {
    if (Cell* cell = slot.find(first)) {
      for (std::uint32_t i = 0; i < count; ++i) {
        cell[i].store(0, std::memory_order_relaxed);
      }
    }
  });
  Allocator& all = allocator();
  const std::lock_guard lock(all.mutex);
  all.free_cells[count].push_back(first);
}

void add_to_cell(CellIndex cell, double amount) noexcept {
  add(slot_of_this_thread(), cell, amount);
}

void add_to_cells(CellIndex a, double amount_a, CellIndex b, double amount_b) noexcept {
  Slot& slot = slot_of_this_thread();
  add(slot, a, amount_a);
  add(slot, b, amount_b);
}

void set_cell(CellIndex cell, double value) noexcept {
  slots[kSetSlot].at(cell).store(value, std::memory_order_relaxed);
}

double sum_of_cell(CellIndex cell) noexcept {
  double sum = 0;
  for_each_slot([&](const Slot& slot) {
    if (const Cell* found = slot.find(cell)) {
      sum += found->load(std::memory_order_relaxed);
    }
  });
  return sum;
}

std::size_t thread_stripe() noexcept {
  return static_cast<std::size_t>(&slot_of_this_thread() - slots.data());
}

}  // namespace kthena::telemetry::detail
