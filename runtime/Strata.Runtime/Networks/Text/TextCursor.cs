using System.Text;

namespace Strata.Networks.Text;

/// <summary>What a token of the text form is.</summary>
internal enum TokenKind : byte
{
    /// <summary>The end of the text.</summary>
    End,
    /// <summary>A keyword, an operator, an attribute, a dimension symbol: see <see cref="TextQuoting.IsWord"/>.</summary>
    Word,
    /// <summary>An unsigned decimal or hexadecimal number; a sign is a token of its own.</summary>
    Number,
    /// <summary>A quoted string.</summary>
    Quoted,
    /// <summary><c>%name</c> or <c>%"name"</c>.</summary>
    Value,
    /// <summary><c>@</c> and hexadecimal digits.</summary>
    Hash,
    /// <summary>One other character.</summary>
    Mark,
}

/// <summary>A token: the characters [Start, End) of the text.</summary>
internal readonly record struct Token(TokenKind Kind, int Start, int End);

/// <summary>A position in tokenized text; every error it makes names line, column, what was found and what was expected.</summary>
internal sealed class TextCursor
{
    private readonly string text;
    private readonly List<Token> tokens = [];

    /// <summary>Splits a text into tokens.</summary>
    /// <exception cref="StrataFormatException">A character that starts no token, or a string without end.</exception>
    public TextCursor(string text)
    {
        this.text = text;
        for (int at = 0; SkipBlanks(ref at);)
        {
            var token = Scan(at);
            tokens.Add(token);
            at = token.End;
        }
        tokens.Add(new(TokenKind.End, text.Length, text.Length));
    }

    /// <summary>Index of the current token; may be set back to a token seen before.</summary>
    public int Position { get; set; }

    /// <summary>Tokens from the current one on, the end excluded.</summary>
    public int Remaining => tokens.Count - 1 - Position;

    /// <summary>The kind of the current token.</summary>
    public TokenKind Kind => tokens[Position].Kind;

    /// <summary>The characters of the current token.</summary>
    public ReadOnlySpan<char> Span => text.AsSpan(tokens[Position].Start, tokens[Position].End - tokens[Position].Start);

    /// <summary>Moves past the current token.</summary>
    public void Advance() => Position = Math.Min(Position + 1, tokens.Count - 1);

    public bool At(char mark) => Kind == TokenKind.Mark && Span[0] == mark;

    public bool AtWord(string word) => Kind == TokenKind.Word && Span.SequenceEqual(word);

    public bool TryTake(char mark)
    {
        if (!At(mark)) return false;
        Advance();
        return true;
    }

    public bool TryTakeWord(string word)
    {
        if (!AtWord(word)) return false;
        Advance();
        return true;
    }

    public void Take(char mark)
    {
        if (!TryTake(mark)) throw Expected($"'{mark}'");
    }

    public void TakeWord(string word)
    {
        if (!TryTakeWord(word)) throw Expected($"'{word}'");
    }

    /// <summary>Takes a token of a kind that has no inner structure.</summary>
    public string Take(TokenKind kind, string what)
    {
        if (Kind != kind) throw Expected(what);
        string result = Span.ToString();
        Advance();
        return result;
    }

    /// <summary>Takes a quoted string.</summary>
    public string TakeQuoted(string what)
    {
        if (Kind != TokenKind.Quoted) throw Expected(what);
        string result = Unquote(tokens[Position].Start);
        Advance();
        return result;
    }

    /// <summary>Takes a quoted string that names something: its length is bounded.</summary>
    public string TakeName(string what)
    {
        int start = Position;
        string name = TakeQuoted(what);
        CheckName(name, start);
        return name;
    }

    /// <summary>Takes a word, or a quoted string in the place of a word.</summary>
    public string TakeWordOrName(string what)
    {
        if (Kind == TokenKind.Quoted) return TakeName(what);
        int start = Position;
        string word = Take(TokenKind.Word, what);
        CheckName(word, start);
        return word;
    }

    /// <summary>Takes <c>%name</c>.</summary>
    public string TakeValueName()
    {
        if (Kind != TokenKind.Value) throw Expected("a value (%name)");
        string name = Span[1] == '"' ? Unquote(tokens[Position].Start + 1) : Span[1..].ToString();
        if (name.Length == 0) throw Fail("a value needs a name");
        CheckName(name, Position);
        Advance();
        return name;
    }

    /// <summary>Moves to the ',' or closing bracket that ends the item at hand.</summary>
    public void SkipItem()
    {
        for (int depth = 0; Kind != TokenKind.End; Advance())
        {
            if (Kind != TokenKind.Mark) continue;
            char mark = Span[0];
            if (mark is '(' or '[' or '{' or '<') depth++;
            else if (mark is ')' or ']' or '}' or '>' && depth-- == 0) return;
            else if (mark == ',' && depth == 0) return;
        }
    }

    /// <summary>The error "found this, expected that" at the current token.</summary>
    public StrataFormatException Expected(string what) => Fail($"found {Describe()}, expected {what}");

    /// <summary>An error at the current token, or at another one.</summary>
    public StrataFormatException Fail(string sentence, int? position = null, Exception? inner = null) =>
        FailAt(tokens[position ?? Position].Start, sentence, inner);

    private StrataFormatException FailAt(int offset, string sentence, Exception? inner = null)
    {
        int line = text.AsSpan(0, offset).Count('\n') + 1;
        int column = offset - (text.AsSpan(0, offset).LastIndexOf('\n') + 1) + 1;
        return new($"line {line}, column {column}: {sentence}", inner);
    }

    private string Describe()
    {
        if (Kind == TokenKind.End) return "the end of the text";
        string shown = Span.Length <= 40 ? Span.ToString() : $"{Span[..40]}…";
        return Kind == TokenKind.Quoted ? shown : $"'{shown}'";
    }

    private void CheckName(string name, int position)
    {
        if (name.Length > Limits.NameBytes || Encoding.UTF8.GetByteCount(name) > Limits.NameBytes)
            throw Fail($"a name of more than {Limits.NameBytes} bytes", position);
    }

    private string Unquote(int open)
    {
        int bad = TextQuoting.Unquote(text.AsSpan(open + 1, tokens[Position].End - open - 2), out string result);
        return bad < 0 ? result : throw FailAt(open + 1 + bad, "found an unknown escape, expected \\\", \\\\, \\n, \\t or \\u and four hexadecimal digits");
    }

    private bool SkipBlanks(ref int at)
    {
        while (at < text.Length)
        {
            if (text[at] is ' ' or '\t' or '\r' or '\n') at++;
            else if (text[at] == '/' && at + 1 < text.Length && text[at + 1] == '/')
            {
                int end = text.IndexOf('\n', at);
                at = end < 0 ? text.Length : end;
            }
            else return true;
        }
        return false;
    }

    private Token Scan(int start)
    {
        char first = text[start];
        if (TextQuoting.IsWordFirst(first)) return new(TokenKind.Word, start, While(start + 1, TextQuoting.IsWordNext));
        if (char.IsAsciiDigit(first)) return new(TokenKind.Number, start, EndOfNumber(start));
        if (first == '"') return new(TokenKind.Quoted, start, EndOfQuoted(start));
        if (first == '@') return new(TokenKind.Hash, start, While(start + 1, char.IsAsciiLetterOrDigit));
        if (first == '%')
        {
            bool quoted = start + 1 < text.Length && text[start + 1] == '"';
            int end = quoted ? EndOfQuoted(start + 1) : While(start + 1, TextQuoting.IsBareNext);
            return end > start + 1 ? new(TokenKind.Value, start, end) : throw FailAt(start, "found '%', expected a value (%name)");
        }
        if ("(){}[]<>,:=+-*".Contains(first)) return new(TokenKind.Mark, start, start + 1);
        throw FailAt(start, $"found {TextQuoting.Quote(first.ToString())}, which starts nothing in the text form");
    }

    private int While(int at, Func<char, bool> belongs)
    {
        while (at < text.Length && belongs(text[at])) at++;
        return at;
    }

    private int EndOfNumber(int start)
    {
        bool hexadecimal = text.AsSpan(start).StartsWith("0x");
        int at = start + 1;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '.'
            || !hexadecimal && text[at] is '+' or '-' && text[at - 1] is 'e' or 'E')) at++;
        return at;
    }

    private int EndOfQuoted(int open)
    {
        for (int at = open + 1; at < text.Length && text[at] != '\n'; at++)
        {
            if (text[at] == '"') return at + 1;
            if (text[at] == '\\') at++;
        }
        throw FailAt(open, "found a string without end, expected '\"' on the same line");
    }
}
