/** A small knowledge base is indexed with every word of its articles; of a large one each article keeps the words that set it apart. */
const WHOLE_ARTICLES_UP_TO = 500;
const WORDS_PER_ARTICLE = 60;

/** By article: its terms, or in a large knowledge base those that are frequent in it and rare elsewhere, in order of the alphabet. */
export function keyWords(articles: readonly (readonly string[])[]): (readonly string[])[] {
  if (articles.filter((terms) => terms.length > 0).length <= WHOLE_ARTICLES_UP_TO) return [...articles];
  const articlesWith = new Map<string, number>();
  for (const terms of articles) for (const term of new Set(terms)) articlesWith.set(term, (articlesWith.get(term) ?? 0) + 1);
  return articles.map((terms) => {
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    const weighed = [...counts].map(([term, count]) => ({ term, weight: count * Math.log(articles.length / articlesWith.get(term)!) }));
    return weighed
      .sort((a, b) => b.weight - a.weight || (a.term < b.term ? -1 : 1))
      .slice(0, WORDS_PER_ARTICLE)
      .map(({ term }) => term)
      .sort();
  });
}
