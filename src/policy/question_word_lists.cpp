// Words of English questions by kind. Lists decide what may be folded, so a word stands here only if it means
// the same wherever it is met, or where being wrong makes a miss and not a wrong answer.
#include "question_words.hpp"

#include <array>

namespace gatehouse::policy {
namespace {

using Is = WordKind;

constexpr auto lists_of_words = std::to_array<WordList>({
    {Is::opens_context,
     "another random randomly surprise something anything flip toss roll today tonight tomorrow yesterday "
     "currently current latest recent recently nowadays now this last next past coming so up time day date "
     "year month at"},
    {Is::article, "a an the"},
    {Is::question | Is::english, "what who whom whose which when where why how"},
    {Is::person,
     "i me my mine myself you your yours yourself yourselves he him his himself she her hers herself it its "
     "itself we us our ours ourselves they them their theirs themselves someone somebody anyone anybody "
     "everyone everybody one's"},
    {Is::negation,
     "not no never none nothing nobody nowhere nor neither without cannot hardly barely scarcely rarely "
     "seldom "
     "unless except excluding lacking non"},
    {Is::mood,
     "can could should would may might must shall will ought able allowed supposed required optional "
     "possible "
     "impossible likely"},
    {Is::time,
     "today tonight tomorrow yesterday now currently current latest recent recently soon already still yet "
     "ago "
     "before after during since until till later earlier early late past future next last previous always "
     "usually often sometimes daily weekly monthly yearly annually hourly nightly morning afternoon evening "
     "night noon midnight monday tuesday wednesday thursday friday saturday sunday january february march "
     "april may june july august september october november december spring summer autumn winter while "
     "forever permanently temporarily immediately eventually nowadays modern ancient"},
    {Is::particle,
     "in on at to from of for with by about into onto out off up down over under above below between among "
     "through across against around behind beside beyond inside outside per than as like via toward towards "
     "within upon near along versus vs plus minus away back"},
    {Is::degree,
     "more most less least better best worse worst very too enough only also even all every each any some "
     "few "
     "many much both either several half quarter double triple twice once whole entire other another else "
     "same different just almost nearly exactly approximately about maximum minimum total average first "
     "second "
     "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth so such again further lot"},
    {Is::link,
     "is are am be been being was were do does did done have has had having and or but if then because that "
     "there here let get got whether though although however therefore also"},
    {Is::unit,
     "percent percentage point dollar euro cent km m cm mm mile meter foot inch yard kg g mg mcg lb lbs "
     "pound "
     "ounce oz stone ton tonne liter ml l gallon pint quart cup tablespoon teaspoon tbsp tsp celsius "
     "fahrenheit "
     "kelvin degree c f k second minute hour day week month year decade century ms s h hz khz mhz ghz bit "
     "byte "
     "kb mb gb tb pb kib mib gib watt kw kwh mw volt amp mph kph px pixel dpi db rpm bpm ppm calorie kcal "
     "joule acre hectare person people times"},
    {Is::keeps_s,
     "news goods means physics mathematics maths economics politics ethics statistics analytics graphics "
     "electronics mechanics dynamics athletics gymnastics genetics linguistics logistics robotics optics "
     "acoustics aerobics customs arms contents damages waters forces premises spectacles glasses savings "
     "earnings manners minutes remains woods works pants jeans shorts scissors series species windows lens "
     "gas bias alias canvas atlas pancreas christmas texas kansas arkansas dallas vegas las chaos cosmos "
     "macos ios kudos thermos always perhaps besides towards afterwards sometimes upwards downwards "
     "backwards forwards indoors outdoors overseas yes this his hers its ours theirs yours thus plus bus "
     "us is was has does less unless across process access success address business express congress "
     "progress stress press class glass grass mass pass loss boss cross dress guess mess miss kiss "
     "wireless aids sars mers cors saas paas iaas jenkins redis kubernetes postgres pandas keras sass "
     "rails ms ls ps cs ds os js ts axes bases analyses leaves lives colors colours times brains letters "
     "ashes stocks bonds securities futures shares returns rights laws blues greens whites reds sales "
     "stairs barracks headquarters crossroads diabetes herpes rabies measles mumps shingles hives rickets "
     "wales athens brussels naples cannes hercules moses jesus socrates james charles thomas lucas "
     "nicholas lewis louis agnes mars venus uranus pegasus odds pros cons thanks regards greetings "
     "congratulations alms amends clothes tropics suds oats grits guts nuts balls proceeds valuables "
     "belongings surroundings outskirts airs relations communications operations humanities sciences arts "
     "lines utilities authorities grounds quarters terms sports spares troops toms chips drawers states "
     "nations emirates netherlands philippines bahamas maldives seychelles olympics beatles alps andes "
     "himalayas pyrenees williams adams jones davis evans roberts simpsons avengers angeles orleans "
     "honduras barbados laos barnes hughes rogers peters edwards richards andrews stevens gates bezos "
     "santos thames lakers yankees celtics hayes hopkins dickens sanders simmons owens bates rhodes "
     "irons braces checkers boxers briefs trunks tights papers spirits "
     "keynes nobles mathews phillips stones eagles killers"},
    {Is::case_matters,
     "us it who polish chrome turkey china march may august mark bill frank grant rose amber apple word "
     "access "
     "outlook teams swift rust go ruby basic target shell orange meta alphabet mercury earth nice "
     "reading bath cork job lent catholic democrat republican liberal conservative guinea hamburg cologne "
     "hive pig beam helm consul vault atom eclipse edge opera signal slack notion square stripe block gap "
     "visa discover chase ally progressive delta spirit frontier bush stone rice rock cher sting pink seal "
     "journey pat sat act era can add aids arc art bat cad dare fast led mass nut pin ram sap sim sos tip "
     "ward or in windows id as so an do if all pc steam"},
    {Is::filler, "actually basically really honestly literally essentially"},
    {Is::about_words,
     "opposite opposites slang formal informal vocabulary idioms difference differences differ differs "
     "different distinguish distinction between versus vs compare "
     "comparison contrast synonym synonyms antonym antonyms spell spelled spelt spelling pronounce "
     "pronounced "
     "pronunciation translate translated translation say said word words phrase sentence grammar grammatical "
     "plural singular tense rhyme rhymes rhyming letter letters syllable syllables etymology idiom article "
     "capitalize hyphenate anagram acronym abbreviation prefix suffix verb noun adjective adverb pronoun "
     "called term terms rewrite paraphrase proofread correct rephrase quote"},
    {Is::superlative,
     "best worst most least first last second third fourth fifth only top main primary main major single "
     "next "
     "previous latest same favorite favourite one"},
    {Is::english,
     "the does did with from my your you this that these those should would could have had been about into "
     "because their they she his her our us then there if or not cannot get got give show tell explain "
     "write make making find help need want know think describe translate summarize calculate compare "
     "recommend suggest generate please way difference between meaning using use used work works working "
     "without through during before after while until since many much some any every each other another "
     "like years days people thing things world country food child children woman learn buy sell bake boil "
     "clean repair keep improve increase decrease prevent treat causes symptoms doctor medicine tax law "
     "credit insurance height length it's i'm don't can't what's how's isn't doesn't read question answer "
     "queen who's where's i'd i've you're they're let's"},
    {Is::english_maybe,
     "account and are array bank battery best better book build but can capital car card cause change city "
     "close computer contract convert cook cost court create day define delete distance door download "
     "effects email engine example examples file first fix flight for fry function good great hand has "
     "history home hotel house install interest internet is keyboard king last legal less list loan long "
     "loop lower man money more most name new number of old open pan password phone plus president price "
     "raise rate recipe reduce remove rent reset run save school screen search send server set side size "
     "sort speed start state stop store string temperature test than ticket time to train travel trip turn "
     "update upload visit war water we weather website weight year"},
    {Is::foreign,
     "de der das la et und ist nicht ein eine einen einem einer wie wo warum welche welcher welches mit von "
     "zu auf "
     "kann "
     "ich wir sie ihr sind wird wurde haben oder aber auch bei nach vor le les une est qui quoi pourquoi "
     "dans "
     "avec sont je tu nous vous pas sur au aux ce cette quel quelle quels quelles combien il elle el los una "
     "unos unas por para del cual como donde cuando cuanto esta estan gli che perche dove quando quanto sono "
     "della delle nel het een wat hoe waarom waar welke niet voor zijn um uma nao sao onde quem och att det "
     "hvad hvor hvordan vad hur som med ikke jak czy jest sie co gdzie kiedy dla bir ve bu icin nasil nedir "
     "apa yang untuk adalah bagaimana mera kya hai kaise ka ki ke mein qual mais"},
    {Is::request,
     "tell explain show give help list describe summarize summarise define name suggest recommend provide "
     "clarify outline write translate convert calculate compute compare create generate find make draft "
     "rewrite identify solve walk teach share elaborate"},
    {Is::opens_question, "is are am can could do does did should would has have"},
    {Is::anybody,
     "eat freeze refreeze drink mix microwave reheat wear wash drive fly travel install uninstall die"},
    {Is::of_mind,
     "feel think like love hate believe see look plan work mean want understand enjoy prefer feeling hope "
     "wish "
     "dream live help react respond do"},
    {Is::of_assistant,
     "speak access remember browse process recall support read run handle deliver ship charge call accept"},
    {Is::programming_language,
     "python java javascript typescript ruby rust go golang php perl c c++ c# kotlin swift scala haskell r "
     "matlab sql bash powershell lua dart elixir julia pandas numpy react angular vue django flask excel"},
    {Is::points_back,
     "this that these those it its above aforementioned former latter previous they them he she him her his "
     "their there attached attachment attachments following below enclosed said such"},
    {Is::goes_on,
     "continue proceed more again go on next yes no ok okay yep yeah nope sure thanks thank elaborate expand "
     "shorter longer redo retry regenerate finish keep going further"},
    {Is::letter_behind,
     "vitamin hepatitis plan option type class grade team group section part appendix exhibit point series "
     "variable column level note blood letter influenza streptococcus factor schedule"},
    {Is::wants_other, "another again else random randomly surprise different joke"},
});

constexpr std::string_view contractions =
    "can't can not|won't will not|shan't shall not|ain't is not|don't do not|doesn't does not|didn't did not|"
    "isn't is not|aren't are not|wasn't was not|weren't were not|haven't have not|hasn't has not|"
    "hadn't had not|wouldn't would not|couldn't could not|shouldn't should not|mustn't must not|"
    "mightn't might not|needn't need not|cannot can not|i'm i am|i've i have|i'll i will|i'd i would|"
    "you're you are|you've you have|you'll you will|you'd you would|we're we are|we've we have|"
    "we'll we will|they're they are|they've they have|they'll they will|they'd they would|he's he is|"
    "she's she is|it's it is|that's that is|there's there is|here's here is|what's what is|who's who is|"
    "where's where is|when's when is|why's why is|how's how is|which's which is|what're what are|"
    "who're who are|where're where are|how're how are|what'll what will|who'll who will|it'll it will|"
    "let's let us|how'd how did|dont do not|doesnt does not|didnt did not|isnt is not|arent are not|"
    "wasnt was not|werent were not|cant can not|wont will not|couldnt could not|shouldnt should not|"
    "wouldnt would not|havent have not|hasnt has not|whats what is|hows how is|wheres where is|"
    "whos who is|im i am|ive i have|thats that is|theres there is|gonna going to|wanna want to|"
    "gotta have to|pls please|plz please|plse please|thx thanks";

constexpr std::string_view spellings =
    "colour color|colours color|favourite favorite|behaviour behavior|behaviours behavior|neighbour neighbor|"
    "neighbours neighbor|flavour flavor|flavours flavor|honour honor|labour labor|odour odor|rumour rumor|"
    "tumour tumor|tumours tumor|vapour vapor|harbour harbor|humour humor|centre center|centres center|"
    "theatre theater|theatres theater|fibre fiber|litre liter|litres liter|metre meter|metres meter|"
    "kilometre km|kilometres km|kilometer km|kilometers km|kilogram kg|kilograms kg|kilo kg|kilos kg|"
    "centimetre cm|centimetres cm|centimeter cm|centimeters cm|millimetre mm|millimetres mm|"
    "millimeter mm|millimeters mm|milligram mg|milligrams mg|gram g|grams g|millilitre ml|millilitres ml|"
    "milliliter ml|milliliters ml|organise organize|organisation organization|organisations organization|"
    "realise realize|recognise recognize|analyse analyze|analysing analyzing|apologise apologize|"
    "summarise summarize|optimise optimize|optimisation optimization|customise customize|"
    "initialise initialize|normalise normalize|serialise serialize|minimise minimize|maximise maximize|"
    "authorise authorize|categorise categorize|visualise visualize|visualisation visualization|"
    "memorise memorize|specialise specialize|standardise standardize|synchronise synchronize|"
    "synchronisation synchronization|tokenise tokenize|utilise utilize|catalogue catalog|dialogue dialog|"
    "cheque check|defence defense|offence offense|grey gray|tyre tire|tyres tire|pyjamas pajamas|"
    "aluminium aluminum|aeroplane airplane|aeroplanes airplane|travelling traveling|travelled traveled|"
    "cancelled canceled|cancelling canceling|labelled labeled|modelling modeling|jewellery jewelry|"
    "mould mold|plough plow|programme program|programmes program|doughnut donut|doughnuts donut|"
    "yoghurt yogurt|mum mom|cosy cozy|ageing aging|enrol enroll|fulfil fulfill|skilful skillful|"
    "judgement judgment|licence license|practise practice|sceptical skeptical|draught draft|"
    "diarrhoea diarrhea|anaemia anemia|oestrogen estrogen|haemoglobin hemoglobin|paediatric pediatric|"
    "foetus fetus|oesophagus esophagus|anaesthesia anesthesia|leukaemia leukemia|"
    "children child|men man|women woman|feet foot|teeth tooth|mice mouse|geese goose|oxen ox|knives knife|"
    "wives wife|wolves wolf|halves half|shelves shelf|loaves loaf|thieves thief|calves calf|"
    "indices index|indexes index|vertices vertex|matrices matrix|criteria criterion|phenomena phenomenon|"
    "movies movie|cookies cookie|calories calorie|zombies zombie|selfies selfie|smoothies smoothie|"
    "brownies brownie|hoodies hoodie|veggies veggie|caches cache|headaches headache|aches ache|"
    "stomachaches stomachache|toothaches toothache|buses bus|gases gas|lenses lens|quizzes quiz|"
    "excuses excuse|mosquitoes mosquito|potatoes potato|tomatoes tomato|heroes hero|echoes echo|vetoes veto|"
    "shoes shoe|toes toe|canoes canoe|aliases alias|biases bias|viruses virus|statuses status|"
    "bonuses bonus|campuses campus|sinuses sinus|apps app|hrs hour|hr hour|mins minute|secs second|"
    "wk week|wks week|yr year|yrs year|webpage page|emails email|timezone timezone";

}  // namespace

std::span<const WordList> word_lists() noexcept {
    return lists_of_words;
}
std::string_view contraction_list() noexcept {
    return contractions;
}
std::string_view spelling_list() noexcept {
    return spellings;
}

}  // namespace gatehouse::policy
