#include "reply_reader.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace gatehouse::bench {
namespace {

constexpr std::size_t largest_head = 65'536;
constexpr std::size_t kept_tail = 65'536;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

}  // namespace

void ReplyReader::feed(std::string_view bytes, const OnChunk& on_chunk) {
    started_ = true;
    while (!bytes.empty() && !done()) {
        if (part_ == Part::head) {
            bytes = take_head_bytes(bytes);
        } else if (part_ == Part::sized || part_ == Part::chunk) {
            bytes = take_body(bytes, on_chunk);
        } else {
            bytes = take_line(bytes);
        }
    }
    broken_ = broken_ || !bytes.empty();  // bytes behind the end: nobody asked for them
}

std::string_view ReplyReader::take_head_bytes(std::string_view bytes) {
    const std::size_t before = head_.size();
    head_.append(bytes);
    const std::size_t end = head_.find("\r\n\r\n", before > 3 ? before - 3 : 0);
    if (end == std::string::npos) {
        broken_ = head_.size() > largest_head;
        return {};
    }
    head_.resize(end + 2);
    take_head();
    return bytes.substr(end + 4 - before);
}

void ReplyReader::take_head() {
    const std::string head = lower(head_);
    status_ = head.starts_with("http/1.1 ") ? std::atoi(head.c_str() + 9) : 0;
    server_closes_ = head.find("\r\nconnection: close\r\n") != std::string::npos;
    const std::size_t length = head.find("\r\ncontent-length: ");
    if (head.find("\r\ntransfer-encoding: chunked\r\n") != std::string::npos) {
        part_ = Part::chunk_size;
        broken_ = length != std::string::npos;
    } else if (length != std::string::npos) {
        part_ = Part::sized;
        left_ = std::strtoull(head.c_str() + length + 18, nullptr, 10);
        complete_ = left_ == 0;
    } else {
        broken_ = true;  // every answer here has a length or chunks
    }
}

std::string_view ReplyReader::take_body(std::string_view bytes, const OnChunk& on_chunk) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    const std::string_view payload = bytes.substr(0, size);
    first_byte_ = first_byte_ == 0 && !payload.empty() ? payload.front() : first_byte_;
    scan(payload, on_chunk);
    tail_.append(payload);
    if (tail_.size() > 2 * kept_tail) {
        tail_.erase(0, tail_.size() - kept_tail);
    }
    left_ -= size;
    if (left_ == 0) {
        complete_ = part_ == Part::sized;
        part_ = part_ == Part::sized ? Part::sized : Part::chunk_end;
    }
    return bytes.substr(size);
}

std::string_view ReplyReader::take_line(std::string_view bytes) {
    const std::size_t feed = bytes.find('\n');
    line_.append(bytes.substr(0, feed));
    if (feed == std::string_view::npos) {
        broken_ = line_.size() > 4'096;
        return {};
    }
    if (line_.ends_with('\r')) {
        line_.pop_back();
    }
    on_line();
    line_.clear();
    return bytes.substr(feed + 1);
}

void ReplyReader::on_line() {
    if (part_ == Part::chunk_end) {
        broken_ = !line_.empty();
        part_ = Part::chunk_size;
    } else if (part_ == Part::trailer) {
        complete_ = line_.empty();
    } else {
        broken_ = line_.empty() || std::isxdigit(static_cast<unsigned char>(line_[0])) == 0;
        left_ = std::strtoull(line_.c_str(), nullptr, 16);
        part_ = left_ > 0 ? Part::chunk : Part::trailer;
    }
}

/// Finds `@SEQUENCE:SENT_NS;`, also when it is spread over reads.
void ReplyReader::scan(std::string_view payload, const OnChunk& on_chunk) {
    while (!payload.empty()) {
        if (mark_ == Mark::none) {
            const std::size_t at = payload.find('@');
            if (at == std::string_view::npos) {
                return;
            }
            payload.remove_prefix(at + 1);
            mark_ = Mark::sequence;
            sequence_ = 0;
            sent_ns_ = 0;
            continue;
        }
        const char c = payload.front();
        payload.remove_prefix(1);
        if (c >= '0' && c <= '9' && mark_ == Mark::sequence) {
            sequence_ = sequence_ * 10 + (c - '0');
        } else if (c >= '0' && c <= '9') {
            sent_ns_ = sent_ns_ * 10 + static_cast<std::uint64_t>(c - '0');
        } else if (c == ':' && mark_ == Mark::sequence) {
            mark_ = Mark::time;
        } else {
            if (c == ';' && mark_ == Mark::time) {
                unordered_ = unordered_ || sequence_ != next_sequence_;
                next_sequence_ = sequence_ + 1;
                on_chunk(sent_ns_);
            }
            mark_ = Mark::none;
        }
    }
}

Verdict ReplyReader::judge(bool stream, long expected_chunks) const {
    if (!complete_ || broken_) {
        return Verdict::truncated;
    }
    if (status_ != 200) {
        return Verdict::http_error;
    }
    if (!stream) {
        const bool whole = first_byte_ == '{' && tail_.ends_with('}') &&
                           tail_.find("the quick") != std::string::npos &&
                           tail_.find("\"usage\"") != std::string::npos;
        return whole ? Verdict::right : Verdict::wrong;
    }
    if (unordered_) {
        return Verdict::unordered;
    }
    if (!tail_.ends_with("data: [DONE]\n\n")) {
        return Verdict::unterminated;
    }
    return expected_chunks > 0 && next_sequence_ != expected_chunks ? Verdict::short_stream : Verdict::right;
}

}  // namespace gatehouse::bench
