// The paged KV cache of a simulated engine: blocks with reference counts, found again by the hash
// of what they hold, evicted least recently used first.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace kthena::sim {

using BlockId = std::uint32_t;

/// Names the content of a full block and of all blocks before it. 0 names nothing.
using BlockHash = std::uint64_t;

/// The hash chain over the tokens of a sequence: one BlockHash for each full block, which depends
/// on everything before it. A value: copying forks the chain.
class BlockHasher {
 public:
  /// @param salt  sequences with different salts share nothing
  explicit BlockHasher(std::uint32_t block_size, std::uint64_t salt = 0) noexcept
      : block_size_(block_size), state_(salt ^ 0x6b746865'6e617369ULL) {}

  /// Appends one token. The block's hash if the token completes one.
  std::optional<BlockHash> add(std::uint32_t token) noexcept {
    state_ = (state_ ^ token) * 0x9e3779b97f4a7c15ULL;
    state_ ^= state_ >> 29;
    if (++filled_ < block_size_) {
      return std::nullopt;
    }
    filled_ = 0;
    state_ = (state_ ^ (state_ >> 32)) * 0xd6e8feb86659fd93ULL;
    state_ ^= state_ >> 32;
    state_ += state_ == 0 ? 1 : 0;
    return state_;
  }

 private:
  std::uint32_t block_size_;
  std::uint32_t filled_ = 0;
  std::uint64_t state_;
};

/// All blocks of one engine. A block is in use while somebody holds a reference; without one it
/// keeps its content until it is needed for something else.
class BlockPool {
 public:
  /// @param keep_content  false: a released block is empty (no prefix caching)
  BlockPool(std::uint32_t blocks, bool keep_content);

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(blocks_.size()); }
  /// Blocks nobody holds: what allocate() can give, cached ones included.
  std::uint32_t free() const noexcept { return free_; }
  std::uint32_t used() const noexcept { return size() - free_; }
  /// Blocks that can be found by their content.
  std::size_t cached() const noexcept { return by_hash_.size(); }
  /// Cached blocks that were given to something else, since the start.
  std::uint64_t evictions() const noexcept { return evictions_; }

  /// The block that holds this content; no reference is taken.
  std::optional<BlockId> find(BlockHash hash) const;
  bool in_use(BlockId block) const noexcept { return blocks_[block].references > 0; }

  /// Takes one more reference on a block that find() gave.
  void acquire(BlockId block) noexcept;

  /// An empty block with one reference: the least recently used one. Only while free() > 0.
  BlockId allocate();

  /// Says what a block holds. If another block holds the same, that one stays the one to be found.
  void publish(BlockId block, BlockHash hash);

  /// Gives references back, the last block first, so that of one sequence the end is evicted before
  /// the beginning.
  void release(std::span<const BlockId> blocks) noexcept;

  /// Forgets the content of all blocks. False, and nothing happens, while a block is in use.
  bool forget_content() noexcept;

 private:
  struct Block {
    BlockHash hash = 0;
    std::uint32_t references = 0;
    BlockId newer = 0;
    BlockId older = 0;
  };
  void link_newest(BlockId block) noexcept;
  void unlink(BlockId block) noexcept;

  // Unreferenced blocks form a ring through the sentinel at the end of blocks_: its `newer` is the
  // oldest of them.
  std::vector<Block> links_;
  std::span<Block> blocks_;
  std::unordered_map<BlockHash, BlockId> by_hash_;
  std::uint32_t free_ = 0;
  std::uint64_t evictions_ = 0;
  bool keep_content_;
};

}  // namespace kthena::sim
