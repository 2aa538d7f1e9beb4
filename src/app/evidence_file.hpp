// The labels of checked hits, kept over a restart: they take weeks to come by.
// Room: app.
#pragma once

#include "gatehouse/pipeline/evidence_book.hpp"

#include <string>

namespace gatehouse::app {

/// `cache-evidence.json` in the data directory. One thread at a time. What cannot be read or written is
/// logged, and the labels begin anew.
class EvidenceFile {
public:
    /// Before anybody is served. Blocks.
    void open(const std::string& directory, pipeline::EvidenceBook& evidence);
    /// If there is anything new. Blocks.
    void save(const pipeline::EvidenceBook& evidence);

private:
    std::string path_;  // empty: not opened
    std::string saved_;
};

}  // namespace gatehouse::app
