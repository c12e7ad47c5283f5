using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Penstock.Redis;

/// <summary>
/// Encodes commands as RESP arrays of binary strings, one after another, to be sent in one write. Not thread-safe.
/// </summary>
/// <remarks>
/// As an <see cref="IBufferWriter{T}"/> it takes the bytes of the argument between <see cref="BeginArgument"/> and
/// <see cref="EndArgument"/>, so that a JSON writer writes straight into what goes to the server.
/// </remarks>
public sealed class CommandBuffer : IBufferWriter<byte>
{
    const int InitialSize = 4 * 1024;
    const int KeptSize = 8 * 1024 * 1024;
    const int MaxDigits = 20;
    const int Places = 16;

    byte[] _buffer = new byte[InitialSize];
    int _length;
    int _lastCommand;
    int _missing;
    int _argument = -1;

    // How many digits the length of an argument had at this place of the last command: commands come in runs of one shape.
    readonly int[] _digits = [.. Enumerable.Repeat(3, Places)];

    /// <summary>The number of commands.</summary>
    public int Count { get; private set; }

    /// <summary>The length of the encoded commands in bytes.</summary>
    public int Length => _length;

    /// <summary>The encoded commands.</summary>
    /// <exception cref="InvalidOperationException">A command has fewer arguments than announced.</exception>
    public ReadOnlyMemory<byte> Written
    {
        get
        {
            CheckComplete();
            return _buffer.AsMemory(0, _length);
        }
    }

    /// <summary>Forgets the commands; one huge batch does not keep its memory for ever.</summary>
    public void Clear()
    {
        if (_buffer.Length > KeptSize)
        {
            _buffer = new byte[InitialSize];
        }

        _length = 0;
        _missing = 0;
        _argument = -1;
        Count = 0;
    }

    /// <summary>Starts a command with this many arguments, its name included.</summary>
    public void Begin(int argumentCount)
    {
        CheckComplete();
        _lastCommand = _length;
        WriteHeader('*', argumentCount);
        _missing = argumentCount;
        Count++;
    }

    /// <summary>Takes back the command begun last; once only.</summary>
    public void RemoveLast()
    {
        _length = _lastCommand;
        _missing = 0;
        _argument = -1;
        Count--;
    }

    /// <summary>Adds an argument.</summary>
    public void Add(ReadOnlySpan<byte> argument)
    {
        TakePlace();
        WriteHeader('$', argument.Length);
        argument.CopyTo(GetSpan(argument.Length + 2));
        _length += argument.Length;
        WriteLineEnd();
    }

    /// <summary>Adds an argument as UTF-8.</summary>
    public void Add(string argument)
    {
        TakePlace();
        var length = Encoding.UTF8.GetByteCount(argument);
        WriteHeader('$', length);
        _length += Encoding.UTF8.GetBytes(argument, GetSpan(length + 2));
        WriteLineEnd();
    }

    /// <summary>Adds a number as an argument.</summary>
    public void Add(long argument)
    {
        Span<byte> text = stackalloc byte[MaxDigits];
        Utf8Formatter.TryFormat(argument, text, out var length);
        Add(text[..length]);
    }

    /// <summary>Adds a whole command of text arguments: for set-up, not for hot paths.</summary>
    public void AddCommand(params ReadOnlySpan<string> arguments)
    {
        Begin(arguments.Length);
        foreach (var argument in arguments)
        {
            Add(argument);
        }
    }

    /// <summary>Starts an argument whose bytes are written through <see cref="IBufferWriter{T}"/>.</summary>
    public void BeginArgument()
    {
        TakePlace();

        // The length comes first on the wire and is known last: guess its digits, and move the bytes when the guess was wrong.
        var digits = _digits[_missing % Places];
        _ = GetSpan(1 + digits + 2);
        _length += 1 + digits + 2;
        _argument = _length;
    }

    /// <summary>Ends the argument and returns its length in bytes.</summary>
    public int EndArgument()
    {
        var start = _argument;
        var length = _length - start;
        Span<byte> digits = stackalloc byte[MaxDigits];
        Utf8Formatter.TryFormat(length, digits, out var count);
        ref var guess = ref _digits[_missing % Places];
        if (count != guess)
        {
            var move = count - guess;
            _ = GetSpan(Math.Max(0, move) + 2);
            _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(start + move));
            start += move;
            _length += move;
            guess = count;
        }

        var header = _buffer.AsSpan(start - count - 3);
        header[0] = (byte)'$';
        digits[..count].CopyTo(header[1..]);
        "\r\n"u8.CopyTo(header[(count + 1)..]);
        _argument = -1;
        WriteLineEnd();
        return length;
    }

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_length);
    }

    void Reserve(int size)
    {
        size = Math.Max(size, 1);
        if (_buffer.Length - _length < size)
        {
            var needed = (long)_length + size;
            if (needed > Array.MaxLength)
            {
                throw new InvalidOperationException($"The pending commands would take {needed} bytes; the limit is {Array.MaxLength}.");
            }

            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _buffer.Length)));
        }
    }

    void TakePlace()
    {
        if (_missing-- <= 0 || _argument >= 0)
        {
            throw new InvalidOperationException("The command has all its arguments, or one of them is still being written.");
        }
    }

    void CheckComplete()
    {
        if (_missing != 0 || _argument >= 0)
        {
            throw new InvalidOperationException($"The last command lacks {_missing} arguments, or one is still being written.");
        }
    }

    void WriteHeader(char type, int number)
    {
        var header = GetSpan(1 + MaxDigits + 2);
        header[0] = (byte)type;
        var digits = 1;
        if (number < 10)
        {
            // Most commands and many arguments are that short; the formatter costs more than all the rest.
            header[1] = (byte)('0' + number);
        }
        else
        {
            Utf8Formatter.TryFormat(number, header[1..], out digits);
        }

        header[1 + digits] = (byte)'\r';
        header[2 + digits] = (byte)'\n';
        _length += 3 + digits;
    }

    void WriteLineEnd()
    {
        var end = GetSpan(2);
        end[0] = (byte)'\r';
        end[1] = (byte)'\n';
        _length += 2;
    }
}
