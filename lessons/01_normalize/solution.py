def normalize(train, valid):
    train, valid = train.float(), valid.float()
    mean, std = train.mean(), train.std()
    return (train - mean) / std, (valid - mean) / std
