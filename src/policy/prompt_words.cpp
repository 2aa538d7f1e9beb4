#include "prompt_words.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace gatehouse::policy {
namespace {

using Lists = std::uint8_t;
struct List {
    static constexpr Lists code = 1;
    static constexpr Lists near_code = 2;
    static constexpr Lists math = 4;
    static constexpr Lists near_math = 8;
    static constexpr Lists creative = 16;
    static constexpr Lists near_creative = 32;
    static constexpr Lists demand = 64;
};

struct Words {
    Lists lists;
    std::string_view words;
};

// As the features see them: in lower case (letters outside of ASCII as they are mostly written), digits as 0.
constexpr std::array all_words = std::to_array<Words>({
    {List::code,
     "abap actix addeventlistener airflow algorithm algorithms android angular ansible apache api apis apk "
     "archivo arduino argparse argv arquivo arr array arrays asp assembly assert async asyncio "
     "attributeerror auth authentication autohotkey await awk aws azure backend base00 bash baz bazel binary "
     "bios bitwise blender boolean bootloader breakpoint browser buffer bug bugs byte bytecode bytes cache "
     "callback cargo cdn chmod chrome chương ci classnotfoundexception cli clojure closure cmake cobol code "
     "codebase coding commit compile compiler compiles component components concurrency conda config "
     "configuration configure console const constructor containers cookie cookies cors couchbase cpp cpu "
     "cron crontab crud css csv ctypes cuda curl cython código daemon database databricks dataframe datatype "
     "datei datetime deadlock debian debounce debug debugger debugging decompile decorator def dependency "
     "deploy deployment deserialize devops dict dictionary directory discord div django dll dns docker "
     "dockerfile dom dosya dotnet drupal dynamodb ecmascript elasticsearch elif elixir elseif emacs endif "
     "endpoint endpoints enum env erlang eslint esp00 etl exception exceptions executable execute fastapi "
     "ffmpeg fichier filesystem firebase firefox firewall firmware flexbox fn fonction foreach fortran "
     "frontend ftp func función functions funkcja funktion funzione função gcc gdb getelementbyid getter git "
     "github gitlab godot golang gpio gpu gradle grafana graphql grep groovy grpc gui hadoop handler hashmap "
     "haskell heap hibernate hostname html http https huggingface hàm ide idx ifdef iframe immutable impl "
     "import importerror indexerror indexes inherit inheritance init inline innerhtml int interface "
     "interpreter ios iostream ip iptables iterate iterator jar java javascript jdbc jenkins jetpack jinja "
     "jpa jq jquery js json junit jvm jwt k0s kafka keras kernel keyerror kod kotlin kubectl kubernetes "
     "kwargs lambda langchain laravel latency latex leetcode len linker linq lint linux listener localhost "
     "localstorage logging lua luau macro makefile malloc mariadb markdown massiv matlab matplotlib maven "
     "metadata microservice microservices middleware migrate migration minecraft mips module modules mongo "
     "mongodb mongoose mqtt msbuild multithreaded multithreading mut mutex mvc mysql namespace nasm nested "
     "netty nextjs nginx nil nixos nodejs npm npx null nullable nullpointer nullpointerexception numpy nums "
     "oauth odoo onclick oomkilled opencl opencv opengl openssl operator orm outofmemoryerror overflow "
     "pandas param parameter parameters parse parser parsing payload perl php pip playwright plik plugin "
     "plugins podman pointer pointers polars polymorphism popup postgres postgresql powershell primitive "
     "printf println programa programm programmatically programme programming prolog prometheus props "
     "protobuf proxy pseudocode pygame pyqt pyspark pytest python pytorch qt queries rabbitmq raspberry "
     "recursion recursive redis redux refactor referenceerror regex render repo repository request requests "
     "response responsive roblox router rpc rs runtime runtimeerror s0 sandbox sass schema scikit scrape "
     "scraper scrapy scripts scss sdk sed segfault segmentation selector selenium semaphore serialize "
     "serializer server serverless servers servlet setter shader sidebar singleton sizeof skript snippet "
     "socket sockets solidity splunk sql sqlalchemy sqlite ssh ssl stackoverflow stacktrace stateful stdin "
     "stdio stdlib stdout stm00 str streamlit strlen struct structs svelte swiftui symfony syntax "
     "syntaxerror systemctl systemd tailwind tcl tcp telegram tensor tensorflow terminal terraform textbox "
     "threadsafe timeout timestamp tkinter tls tokenizer tomcat traceback tsconfig tuple txt typeerror "
     "typescript ubuntu udp ui uncaught undefined unicode unittest unix unreal unwrap upload url urls "
     "useeffect username usestate utf uuid ux validate valueerror var vba verilog vhdl virtualenv vite vm "
     "void vpn vscode vue vuejs webapp webhook webpack webscraping websocket webview wifi winforms wordpress "
     "wpf wsl xaml xcode xml xpath yaml yarn zig zsh бот код ошибка ошибку программа программу сервер скрипт "
     "файл функцию функция"},
    {List::math,
     "ableitung acceleration acute addition algebra algebraic angle angles area arithmetic asymptotic "
     "average berechne beweise binomial bisector calcola calcula calculate calculating calcule calculer "
     "calculus cardinality cartesian chord circle circumference coefficient coefficients collinear "
     "combinations combinatorics commutative compute concave cone congruent continuity continuous converge "
     "convergent converges convex coordinate coordinates coprime cosine cot cube cubic cylinder decibel "
     "decreasing demuestra denklem denominator depreciation derivada derivative derivatives determinant "
     "deviation diagonal diameter dice differentiable differential differentiate digit digits discriminant "
     "displacement diverges divided divides divisible divisor divisors dérivée ecuacion ecuación eigenvalue "
     "eigenvalues eigenvectors ellipse equation equations equazione equação equilateral euler exponent "
     "exponential factor factorial factorise factorize factors fibonacci finite formula fraction fractions "
     "gcd geometric gleichung gradient hexagon homomorphism hyperbola hypotenuse induction inequality "
     "infinity integers integral integrate intercept intersect inverse irrational isomorphic isosceles lcm "
     "logarithm marbles maximize median midpoint modulo momentum monotone montrer mph multiplication "
     "multiplied multiply newton nth numerator oblicz orthogonal parabola parallelogram pendulum pentagon "
     "perimeter permutation permutations perpendicular phương pi poisson polygon polynomial polynomials "
     "prime primes prism probabilidad probability probabilité proportional prove pythagorean quadratic "
     "quadrilateral quotient radians radius ratio rational raíz reciprocal rectangle remainder równanie "
     "simplify sin sine slope solve sphere square squared squares subset subsets subtract sum surd symmetric "
     "tan tangent theorem trapezoid triangle triangles trigonometric trình tính variance velocity vertex "
     "vertices volts wahrscheinlichkeit watts équation équations вероятность вычислите докажите интеграл "
     "корни найдите обчислити решите сумма уравнение уравнения"},
    {List::near_math,
     "absolute amount approximate axis bounded closed complement complex composite compound constant cross "
     "decimal degree degrees density determine dimension discount distance distribution energy equal equals "
     "estimate even expected feet force greater group half height hour hours how identity infinite interest "
     "interval kg kilometers km least length limit linear liters lottery mass maximum mean meters minimum "
     "minutes natural negative normal odd per percent percentage plane plus positive power powers principal "
     "product profit proof random rate real remaining resistance ring root roots sequence series sides "
     "solution solutions speed standard statistics surface term terms times total uniform volume weight "
     "width x y z zero"},
    {List::near_code,
     "acl active agent args arguments background bar batch bit block bootstrap branch build cast class "
     "classes client cloud container controller crash crashes cursor dart dashboard dataset driver eclipse "
     "electron email error errors event events excel express extension field file files filter flask float "
     "flutter foo fork form generic go grid hash header headers hook host index input install installed "
     "instance job join julia libraries library list lock login logs loop loops mac map memory merge method "
     "methods net node nodes object objects oracle output override package packages password patch path pdf "
     "permission pipeline pixel port private procedure process processes program promise promises protocol "
     "prototype public pull query queue rails react registry rest return returns route routes ruby rust "
     "scala service session shell sort sorting source spark spring stack state static storage stored string "
     "strings swift switch sync tables template templates test testing tests thread threads tmp token "
     "transform tree trigger try type types unit unity user validation variable variables vector version "
     "view web website websites widget windows worker zip"},
    {List::creative,
     "acrostic adventure allegory anecdote anime aphorism autobiography backstory bajka ballad bard bedtime "
     "canción canzone canção caption captions chanson chorus cinematic comedic comedy comic conte conto "
     "couplet couplets creepy cuento cyberpunk dialog dialogue dialogues diary dnd dragon dragons dungeon "
     "dystopian elegy elf elves enchanted epilogue episode erfinde erzählung evocative fable fables fairy "
     "fairytale fanfic fanfiction fantasy fiction fictional folk folktale funny gedicht geschichte ghost "
     "ghosts goblin gothic haiku haikus heroine hikaye hilarious histoire historia história horror humorous "
     "imagery imaginary invent invente jingle joke jokes kingdom knight kịch legendary lied limerick "
     "limericks lore lullaby lyric lyrical lyrics magical melody mermaid metaphor mischievous monologue "
     "monster mysterious mystical myth mythical mythology märchen narrate narrator noir novella ode "
     "opowiadanie paranormal parody persona pirate poem poema poems poesia poet poetic poetry poème pretend "
     "prince princess prologue prose protagonist pun punchline punchlines puns racconto rap rapper reim "
     "rhyme rhymes rhyming rhythm riddle riddles roast roleplay romance romantic saga sarcastic satire "
     "satirical schreib sci screenplay shakespeare shakespearean sitcom sketch skit slogan slogans soliloquy "
     "song songs sonnet sonnets spooky standup stanza stanzas storia stories story storyline storytelling "
     "superhero suspense suspenseful tagline taglines tale tales thriller thơ tongue truyện vampire vampires "
     "verse verses verso villain vivid whimsical wiersz witch witty wizard worldbuilding şiir историю напиши "
     "песню придумай рассказ сказка сказку сочини стих стихотворение сценарий قصة قصيدة कविता कहानी"},
    {List::demand,
     "address alternatives analise analiza analyse analysis analyze argue assess assumptions balance "
     "begründe benchmark berücksichtige budget cases compare comprehensive conflicts confounders "
     "consequences consider considering constraint constraints contingency contrast costes costs "
     "counterarguments criteria critical critically critique deadline deadlines debate derive design "
     "detailed develop discuss drawbacks economic estrategia estratégia ethical ethics evalúa evidence "
     "examine explain fallback feasibility governance hypotheses impact implications include including "
     "incorporate interplay itinerary justifie justify konzept legal limitations limits measures methodology "
     "metrics milestones mitigation must objections objectives options outline owners phased phases pilot "
     "plan planning policy political prioritise prioritize proposal propose rationale reasoning recommend "
     "recommendation regulation regulatory resources review riesgos riscos risiken risk risks risques "
     "roadmap roles rollout scenario scenarios schedule should simultaneously social stakeholders strategic "
     "strategie strategies strategy stratégie sustainability synthesize thorough timeline timetable "
     "tradeoffs uncertainty vergleiche weigh while without évalue анализ план рисков стратегию учётом"},
    {List::near_code | List::demand, "argument framework table"},
    {List::near_creative,
     "campaign character characters epic greeting hero humor imagine legend magic narrative novel rewrite "
     "role scene scenes short spell toast twist world"},
    {List::code | List::demand, "dependencies implement implementation"},
    {List::near_math | List::demand, "evaluate rank"},
    {List::near_code | List::near_math, "expression graph log matrix parallel"},
    {List::code | List::near_math, "function mod"},
    {List::math | List::demand, "hypothesis multiple"},
    {List::code | List::math, "integer"},
    {List::near_code | List::near_creative, "plot"},
    {List::code | List::near_creative, "script"},
});

std::uint32_t hash_of_word(std::string_view word) noexcept {
    std::uint32_t hash = 2166136261U;
    for (const char c : word) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return hash ^ (hash >> 13U);
}

/// Where each word is found at once.
class WordIndex {
public:
    WordIndex() {
        for (const auto& [lists, words] : all_words) {
            for (std::size_t at = 0; at < words.size();) {
                const auto end = std::min(words.find(' ', at), words.size());
                add(words.substr(at, end - at), lists);
                at = end + 1;
            }
        }
    }
    Lists lists_of(std::string_view word) const noexcept {
        for (auto at = hash_of_word(word) % places; !entries_[at].first.empty(); at = (at + 1) % places) {
            if (entries_[at].first == word) {
                return entries_[at].second;
            }
        }
        return 0;
    }

private:
    static constexpr std::size_t places = 8192;  // several times the words: a look mostly ends at once

    void add(std::string_view word, Lists lists) {
        auto at = hash_of_word(word) % places;
        while (!entries_[at].first.empty()) {
            at = (at + 1) % places;
        }
        entries_[at] = {word, lists};
    }

    std::array<std::pair<std::string_view, Lists>, places> entries_{};
};

}  // namespace

WordHits hits_of(const std::vector<std::string_view>& tokens) {
    static const WordIndex index;
    WordHits hits;
    for (const auto token : tokens) {
        const auto lists = index.lists_of(token);
        if (lists == 0) {
            continue;
        }
        const auto on = [&](Lists list) { return (lists & list) != 0 ? 1.0 : 0.0; };
        hits.code += on(List::code);
        hits.near_code += on(List::near_code);
        hits.math += on(List::math);
        hits.near_math += on(List::near_math);
        hits.creative += on(List::creative);
        hits.near_creative += on(List::near_creative);
        hits.demands += on(List::demand);
    }
    return hits;
}

}  // namespace gatehouse::policy
