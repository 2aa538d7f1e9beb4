// A stream of the Responses API as its SDKs hear it: each event is checked against those before it, and the
// last one against all of them.
//
// For tests of writers. Room: tests.
#pragma once

#include "json/json_value.hpp"

#include "gatehouse/wire/sse.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

class ResponseHeard {
    using JsonValue = test::JsonValue;

public:
    explicit ResponseHeard(std::string_view stream) {
        wire::SseSplitter splitter;
        EXPECT_TRUE(splitter.feed(stream));
        while (const auto event = splitter.next()) {
            const auto data = JsonValue::parsed(event->data);
            if (!data.is_object()) {
                ADD_FAILURE() << "no event: " << event->data;
                return;
            }
            EXPECT_EQ(data["type"], event->name);
            EXPECT_EQ(data["sequence_number"], types_.size()) << "numbers have no gaps";
            EXPECT_TRUE(last_.is_null()) << "nothing comes after the end";
            types_.push_back(data["type"].text());
            hear(types_.back(), data);
        }
        EXPECT_FALSE(last_.is_null()) << "there is no end";
    }

    /// The response in the last event.
    const JsonValue& response() const { return last_; }
    /// The types of all events between the first two and the last, without `response.`, in one line.
    std::string types() const {
        std::string out;
        for (std::size_t i = 2; i + 1 < types_.size(); ++i) {
            out += (out.empty() ? "" : " ") + types_[i].substr(types_[i].find('.') + 1);
        }
        return out;
    }
    const std::string& end() const { return types_.back(); }

private:
    void hear(const std::string& type, const JsonValue& data) {
        if (type == "response.created" || type == "response.in_progress") {
            EXPECT_EQ(types_.size(), type == "response.created" ? 1U : 2U);
            EXPECT_EQ(data["response"]["status"], "in_progress");
            EXPECT_EQ(data["response"]["output"], JsonValue::parsed("[]"));
            EXPECT_TRUE(data["response"].contains("usage"));
            EXPECT_EQ(data["response"]["usage"], nullptr);
            id_ = data["response"]["id"];
        } else if (type == "response.completed" || type == "response.incomplete") {
            last_ = data["response"];
            EXPECT_EQ("response." + last_["status"].text(), type);
            EXPECT_TRUE(last_["output"].is_array());
            EXPECT_EQ(last_["output"].elements(), done_);
            EXPECT_EQ(last_["id"], id_);
            EXPECT_TRUE(open_.is_null()) << "an item has no end";
        } else if (type == "response.output_item.added") {
            EXPECT_GE(types_.size(), 3U);
            EXPECT_TRUE(open_.is_null()) << "one item at a time";
            open_ = data["item"];
            EXPECT_EQ(data["output_index"], done_.size());
            begin_text();
        } else if (type == "response.output_item.done") {
            EXPECT_EQ(data["output_index"], done_.size());
            end_item(data["item"]);
        } else {
            hear_inside(type, data);
        }
    }

    void begin_text() {
        text_.clear();
        part_ = nullptr;
        annotations_.clear();
        text_done_ = false;
    }

    /// An item at its end is what it was at its beginning, with all that came in between.
    void end_item(const JsonValue& item) {
        EXPECT_TRUE(part_.is_null()) << "a part has no end";
        EXPECT_EQ(item["id"], open_["id"]);
        EXPECT_EQ(item["type"], open_["type"]);
        const std::string type = item["type"].text();
        if (type == "message") {
            EXPECT_EQ(item["content"].elements(), std::vector{last_part_});
        } else if (type == "reasoning") {
            EXPECT_TRUE(item["summary"].is_array());
            EXPECT_EQ(item["summary"].elements(),
                      text_.empty() ? std::vector<JsonValue>() : std::vector{last_part_});
        } else if (type == "image_generation_call") {
            EXPECT_FALSE(item["result"].text().empty());
        } else {
            EXPECT_EQ(item["call_id"], open_["call_id"]);
            EXPECT_EQ(item["name"], open_["name"]);
            EXPECT_EQ(item[type == "function_call" ? "arguments" : "input"], text_);
        }
        EXPECT_TRUE(text_done_ || text_.empty());
        done_.push_back(item);
        open_ = nullptr;
    }

    void hear_inside(const std::string& type, const JsonValue& data) {
        EXPECT_FALSE(open_.is_null()) << type << " outside of an item";
        EXPECT_EQ(data["item_id"], open_["id"].text());
        EXPECT_EQ(data["output_index"], done_.size());
        const std::string kind = open_["type"].text();
        EXPECT_EQ(data.contains("content_index"), kind == "message");
        EXPECT_EQ(data.contains("summary_index"), kind == "reasoning");
        if (type.ends_with("part.added")) {
            EXPECT_TRUE(part_.is_null());
            part_ = data["part"];
        } else if (type.ends_with("part.done")) {
            EXPECT_TRUE(text_done_);
            last_part_ = data["part"];
            EXPECT_EQ(last_part_["type"], part_["type"]);
            EXPECT_EQ(last_part_[part_["type"] == "refusal" ? "refusal" : "text"], text_);
            if (part_["type"] == "output_text") {
                EXPECT_TRUE(last_part_["annotations"].is_array());
                EXPECT_EQ(last_part_["annotations"].elements(), annotations_);
            }
            part_ = nullptr;
        } else if (type.ends_with(".delta")) {
            EXPECT_FALSE(text_done_);
            EXPECT_NE(part_.is_null(), kind == "message" || kind == "reasoning") << "a part comes first";
            EXPECT_FALSE(data["delta"].text().empty());
            EXPECT_EQ(data.contains("logprobs"), type == "response.output_text.delta");
            text_ += data["delta"].text();
        } else if (type.ends_with("annotation.added")) {
            EXPECT_EQ(data["annotation_index"], annotations_.size());
            annotations_.push_back(data["annotation"]);
        } else if (type == "response.image_generation_call.completed") {
            EXPECT_EQ(kind, "image_generation_call");
        } else {
            hear_done(type, data);
        }
    }

    void hear_done(const std::string& type, const JsonValue& data) {
        EXPECT_TRUE(type.ends_with(".done")) << type;
        text_done_ = true;
        const char* member = type.find("arguments") != std::string::npos ? "arguments"
                             : type.find("input") != std::string::npos   ? "input"
                             : type.find("refusal") != std::string::npos ? "refusal"
                                                                         : "text";
        EXPECT_EQ(data[member], text_);
        if (type == "response.function_call_arguments.done") {
            EXPECT_EQ(data["name"], open_["name"]);
        }
    }

    std::vector<std::string> types_;
    JsonValue id_;
    JsonValue open_;  // the item as it was at its beginning
    JsonValue part_;
    JsonValue last_part_;
    std::vector<JsonValue> annotations_;
    std::string text_;
    bool text_done_{false};
    std::vector<JsonValue> done_;
    JsonValue last_;
};

}  // namespace gatehouse::dialect
